#!/usr/bin/env bash
# Redmine as Debian packages it: a paginated API that none of us wrote. Installs it, fills it, serves it. Needs root and apt-get.
#   redmine.sh install | seed PROJECTS ISSUES | start PORT | stop | key | database
# State (logs, the key, the server's process id) is kept in $REDMINE_STATE; default: .redmine in the working directory.
set -euo pipefail
state=${REDMINE_STATE:-$PWD/.redmine}
mkdir -p "$state"
export X_DEBIAN_SITEID=default RAILS_ENV=production RUBYOPT=-W0
home=/usr/share/redmine
settings=/etc/redmine/default/database.yml

fail() {
  echo "redmine.sh: $1" >&2
  [ -n "${2:-}" ] && tail -15 "$2" >&2
  exit 1
}

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' redmine 2>>"$state/dpkg.log")" = installed ]
}

# Debian's Ruby packages come without the gem folders that newer versions of bundler insist on.
make_gem_folders() {
  local specifications specification
  for specifications in /usr/share/rubygems-integration/*/specifications /usr/lib/*/rubygems-integration/*/specifications \
    /usr/lib/ruby/gems/*/specifications; do
    [ -d "$specifications" ] || continue
    for specification in "$specifications"/*.gemspec; do
      [ -e "$specification" ] && mkdir -p "${specifications%/specifications}/gems/$(basename "$specification" .gemspec)"
    done
  done
  return 0
}

install() {
  installed && return 0
  [ "$(id -u)" = 0 ] || fail 'installing packages needs root'
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >"$state/apt.log" 2>&1 || fail 'apt-get update failed' "$state/apt.log"
  # The package's own set-up stops at bundler the first time; it is finished below by dpkg --configure.
  apt-get install -y -qq --no-install-recommends redmine redmine-sqlite ruby-webrick ruby-sqlite3 sqlite3 >>"$state/apt.log" 2>&1 || true
  [ -e "$home/Gemfile" ] || fail 'apt-get could not install redmine' "$state/apt.log"
  make_gem_folders
  grep -q webrick "$home/Gemfile" || echo 'gem "webrick"' >>"$home/Gemfile"
  (cd "$home" && bundle install --local >"$state/bundle.log" 2>&1) || fail 'bundle install failed' "$state/bundle.log"
  dpkg --configure -a >"$state/dpkg.log" 2>&1 || fail 'dpkg --configure failed' "$state/dpkg.log"
  installed || fail 'redmine is not configured' "$state/dpkg.log"
}

# Fills the database, or, run again, puts it back to what the first run made of it.
seed() {
  write_seed "$1" "$2"
  local empty filled
  empty=$(database).empty
  filled=$(database).filled-$(cksum <"$state/seed.rb" | cut -d ' ' -f 1)
  if [ -e "$filled" ]; then
    cat "$filled" >"$(database)"
  else
    [ -e "$empty" ] || cp -p "$(database)" "$empty"
    cat "$empty" >"$(database)"
    (cd "$home" && bundle exec rails runner "$state/seed.rb" 2>"$state/seed.log") || fail 'seeding failed' "$state/seed.log"
    cp -p "$(database)" "$filled"
  fi
  sqlite3 -readonly "$(database)" "SELECT value FROM tokens JOIN users ON users.id = user_id WHERE admin AND action = 'api' LIMIT 1" >"$state/key"
}

write_seed() {
  cat >"$state/seed.rb" <<RUBY
Setting.rest_api_enabled = '1'
Setting.login_required = '1'
Setting.notified_events = []
admin = User.where(admin: true).first
statuses = ['New', 'In progress', 'Closed'].map { |name| IssueStatus.find_or_create_by!(name: name) { |s| s.is_closed = name == 'Closed' } }
tracker = Tracker.first || Tracker.create!(name: 'Task', default_status: statuses.first)
priority = IssuePriority.first || IssuePriority.create!(name: 'Normal', is_default: true)
people = %w[ana.müller 陽子 zoë].each_with_index.map do |name, n|
  User.find_by_login("person#{n}") || User.new(firstname: name, lastname: "O'Neill #{n}", mail: "person#{n}@example.org").tap { |u| u.login = "person#{n}"; u.save!(validate: false) }
end
reference = IssueCustomField.find_or_create_by!(name: 'Reference') { |f| f.field_format = 'string'; f.is_for_all = true; f.trackers = [tracker] }
ActiveRecord::Base.transaction do
  (1..$1).each do |n|
    key = format('project-%04d', n)
    next if Project.where(identifier: key).exists?
    project = Project.new(name: "Project #{n} \u2603", identifier: key, is_public: n.odd?, homepage: n % 3 == 0 ? "http://example.org/#{n}" : '',
      description: n % 5 == 0 ? nil : "Number #{n}\n“quoted”, \ttabbed")
    project.trackers = [tracker]
    project.enabled_module_names = %w[issue_tracking]
    project.save!
  end
  ids = Project.order(:id).pluck(:id)
  have = Issue.maximum(:id) || 0
  # Rows go straight into the tables: Redmine's own callbacks take 20 ms for each issue.
  issues = (have + 1..$2).map do |n|
    status = statuses[n % 3]
    created = Time.utc(2024, 1, 1) + n * 3601
    { id: n, root_id: n, lft: 1, rgt: 2, project_id: ids[n % ids.size], tracker_id: tracker.id, author_id: admin.id, priority_id: priority.id, status_id: status.id,
      assigned_to_id: n % 4 == 0 ? nil : people[n % 3].id, subject: "Issue #{n} \u00e9\u{1F30A}", description: n % 9 == 0 ? nil : "Body of #{n}\r\nsecond line",
      done_ratio: (n % 11) * 10, estimated_hours: n % 4 == 0 ? nil : n / 8.0, start_date: Date.new(2024, 1, 1) + n % 700,
      due_date: n % 2 == 0 ? nil : Date.new(2026, 1, 1) + n % 300, is_private: n % 10 == 0, created_on: created, updated_on: created + 86_400,
      closed_on: status.is_closed ? created + 7200 : nil }
  end
  issues.each_slice(1000) { |part| Issue.insert_all!(part) }
  values = issues.map { |i| { customized_type: 'Issue', customized_id: i[:id], custom_field_id: reference.id, value: i[:id] % 3 == 0 ? '' : "R-#{i[:id]}" } }
  values.each_slice(1000) { |part| CustomValue.insert_all!(part) }
end
admin.api_key # made when it is first asked for
puts "#{Project.count} projects, #{Issue.count} issues"
RUBY
}

database() {
  sed -n 's/^ *database: *//p' "$settings"
}

start() {
  # Two threads of Redmine may write at once: the second is to wait for the first.
  grep -q timeout "$settings" || echo '  timeout: 20000' >>"$settings"
  cd "$home"
  setsid bundle exec rails server -u webrick -b 127.0.0.1 -p "$1" -P "$state/rails.pid" >"$state/server.log" 2>&1 &
  echo $! >"$state/pid"
  for _ in $(seq 240); do
    answers "$1" && return 0
    sleep 0.5
  done
  fail 'the server does not answer' "$state/server.log"
}

answers() {
  ruby -rnet/http -e 'exit Net::HTTP.get_response(URI(ARGV[0])).code == "200"' \
    "http://127.0.0.1:$1/projects.json?limit=1&key=$(cat "$state/key")" 2>>"$state/start.log"
}

stop() {
  [ -e "$state/pid" ] || return 0
  kill -- "-$(cat "$state/pid")" 2>>"$state/stop.log" || true
  rm -f "$state/pid"
}

case ${1:-} in
  install) install ;;
  seed) seed "${2:-350}" "${3:-5000}" ;;
  start) start "${2:?which port?}" ;;
  stop) stop ;;
  key) cat "$state/key" ;;
  database) database ;;
  *) fail 'say install, seed, start, stop, key or database' ;;
esac
