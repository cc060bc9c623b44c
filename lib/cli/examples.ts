// The examples below a command's help.
import type { Command } from 'commander';

/** Adds examples, each with what it does, lined up. */
export function examples(command: Command, lines: readonly (readonly [line: string, does: string])[]): Command {
  const longest = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, does]) => `  $ ${line.padEnd(longest)}  ${does}`);
  return command.addHelpText('after', `\nExamples:\n${text.join('\n')}`);
}
