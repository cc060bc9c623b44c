// `sluice completion SHELL`: a script by which a shell completes the command line, made from the commands as they are declared.
import type { Command, Option } from 'commander';
import { exitCode } from './exit-code.js';

type Shell = 'bash' | 'zsh' | 'fish';

/** One command, as the scripts need it. */
interface Entry {
  /** Such as `state show`; empty for the command itself. */
  readonly words: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** What the arguments may be, each a word of its own. */
  readonly choices: readonly string[];
  readonly takesFiles: boolean;
}

/** Prints the script. Gives the exit code. */
export function completionCommand(program: Command, shell: Shell): number {
  process.stdout.write(`${scripts[shell](entriesOf(program))}\n`);
  return exitCode.done;
}

function entriesOf(command: Command, above: readonly string[] = []): Entry[] {
  const arguments_ = command.registeredArguments;
  const children = command.commands.map((child) => child.name());
  return [
    {
      words: above.join(' '),
      description: command.description(),
      options: command.options,
      choices: [...children, ...arguments_.flatMap(({ argChoices }) => argChoices ?? [])],
      takesFiles: arguments_.some((argument) => ['config', 'file'].includes(argument.name())),
    },
    ...command.commands.flatMap((child) => entriesOf(child, [...above, child.name()])),
  ];
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined && flag !== null) as string[];
}

const scripts: Readonly<Record<Shell, (entries: readonly Entry[]) => string>> = {
  bash: bash,
  zsh: (entries) => `autoload -Uz bashcompinit && bashcompinit\n${bash(entries)}`,
  fish,
};

/** Words by command, and by option where it has choices; files where a configuration or a table belongs. */
function bash(entries: readonly Entry[]): string {
  const words = entries.map(({ words: name, options, choices, takesFiles }) => {
    const all = [...choices, ...options.flatMap((option) => flagsOf(option).slice(-1)), '--help'];
    return `    '${name}') words='${all.join(' ')}'; files=${takesFiles ? 1 : 0} ;;`;
  });
  const byOption = new Map<string, string>();
  for (const option of entries.flatMap(({ options }) => options))
    for (const flag of option.argChoices ? flagsOf(option) : []) byOption.set(flag, option.argChoices!.join(' '));
  const values = [...byOption].map(([flag, choices]) => `    ${flag}) words='${choices}'; files=0 ;;`);
  const groups = entries.filter(({ words: name }) => name.includes(' ')).map(({ words: name }) => name.split(' ')[0]);
  return `_sluice() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' word words='' files=0
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
    case "$word" in
      -*) ;;
      *) case "$command" in
        '') command=$word ;;
        ${[...new Set(groups)].join('|')}) command="$command $word" ;;
      esac ;;
    esac
  done
  case "$command" in
${words.join('\n')}
  esac
  case "$previous" in
${values.join('\n')}
    -o|--out|--env-file) words=''; files=1 ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ "$files" = 1 ] && [ "\${current#-}" = "$current" ]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _sluice sluice`;
}

function fish(entries: readonly Entry[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const top = entries.filter(({ words }) => words !== '' && !words.includes(' '));
  const lines = ['complete -c sluice -f'];
  const none = `__fish_use_subcommand`;
  for (const { words, description } of top)
    lines.push(`complete -c sluice -n ${none} -a ${words} -d ${quoted(description)}`);
  for (const { words, options, choices, takesFiles } of entries) {
    if (words === '') continue;
    const seen = `${quoted(
      words
        .split(' ')
        .map((word) => `__fish_seen_subcommand_from ${word}`)
        .join('; and '),
    )}`;
    if (takesFiles) lines.push(`complete -c sluice -n ${seen} -F`);
    if (choices.length > 0) lines.push(`complete -c sluice -n ${seen} -a ${quoted(choices.join(' '))}`);
    for (const option of options) {
      const short = option.short ? ` -s ${option.short.slice(1)}` : '';
      const values = option.argChoices
        ? ` -x -a ${quoted(option.argChoices.join(' '))}`
        : option.required || option.optional
          ? ' -r'
          : '';
      lines.push(
        `complete -c sluice -n ${seen} -l ${option.long!.slice(2)}${short}${values} -d ${quoted(option.description)}`,
      );
    }
  }
  return lines.join('\n');
}
