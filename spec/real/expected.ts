// What the tables should hold, read from Redmine's database by SQL of our own: one JSON text for each row, keys in one order.
import type { Redmine } from './redmine.js';

/** A row by its id, as comparable text. */
export type ById = ReadonlyMap<number, string>;

// Redmine's API gives instants to the second, with the fraction cut off.
const second = (column: string) => `strftime('%Y-%m-%dT%H:%M:%SZ', substr(${column}, 1, 19))`;
const truth = (column: string) => `json(CASE ${column} WHEN 1 THEN 'true' ELSE 'false' END)`;
const named = (alias: string, name = `${alias}.name`) =>
  `CASE WHEN ${alias}.id IS NULL THEN NULL ELSE json_object('id', ${alias}.id, 'name', ${name}) END`;

const projects = `
  SELECT p.id, json_object(
    'id', p.id, 'name', p.name, 'identifier', p.identifier, 'description', p.description, 'parent', ${named('parent')},
    'status', p.status, 'is_public', ${truth('p.is_public')}, 'inherit_members', ${truth('p.inherit_members')},
    'created_on', ${second('p.created_on')}, 'updated_on', ${second('p.updated_on')}) AS row
  FROM projects p LEFT JOIN projects parent ON parent.id = p.parent_id`;

const issues = `
  SELECT i.id, json_object(
    'id', i.id, 'project', ${named('p')}, 'tracker', ${named('t')},
    'status', json_object('id', s.id, 'name', s.name, 'is_closed', ${truth('s.is_closed')}),
    'priority', ${named('e')}, 'author', ${named('a', "a.firstname || ' ' || a.lastname")},
    'assigned_to', ${named('u', "u.firstname || ' ' || u.lastname")}, 'subject', i.subject, 'description', i.description,
    'start_date', i.start_date, 'due_date', i.due_date, 'done_ratio', i.done_ratio, 'is_private', ${truth('i.is_private')},
    'estimated_hours', i.estimated_hours, 'total_estimated_hours', i.estimated_hours,
    'custom_fields', (SELECT json_group_array(json_object('id', f.id, 'name', f.name, 'value', v.value))
      FROM custom_values v JOIN custom_fields f ON f.id = v.custom_field_id WHERE v.customized_id = i.id AND v.customized_type = 'Issue'),
    'created_on', ${second('i.created_on')}, 'updated_on', ${second('i.updated_on')}, 'closed_on', ${second('i.closed_on')}) AS row
  FROM issues i JOIN projects p ON p.id = i.project_id JOIN trackers t ON t.id = i.tracker_id
  JOIN issue_statuses s ON s.id = i.status_id JOIN enumerations e ON e.id = i.priority_id
  JOIN users a ON a.id = i.author_id LEFT JOIN users u ON u.id = i.assigned_to_id`;

export function expectedProjects(redmine: Redmine): Promise<ById> {
  return rows(redmine, projects);
}

export function expectedIssues(redmine: Redmine): Promise<ById> {
  return rows(redmine, issues);
}

async function rows(redmine: Redmine, sql: string): Promise<ById> {
  const found = await redmine.query<{ id: number; row: string }>(sql);
  return new Map(found.map(({ id, row }) => [id, comparable(JSON.parse(row))]));
}

/** Text that is equal for equal rows: keys in one order at every depth, fields without a value left out. */
export function comparable(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const set = Object.entries(part).filter(([, field]) => field !== null);
    return Object.fromEntries(set.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
