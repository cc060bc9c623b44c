// The options of a benchmark: `--help` shows what the program says of itself at its head, and a wrong one is told in one line.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Known = NonNullable<ParseArgsConfig['options']>;

/**
 * The values of the options that the program was started with. Those with a number as their default, and those named `max-…`, are numbers.
 * @param program The `import.meta.url` of the program.
 */
export function optionsOf<const T extends Known>(
  program: string,
  known: T,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  if (process.argv.slice(2).includes('--help')) {
    console.log(headOf(readFileSync(fileURLToPath(program), 'utf8')));
    process.exit(0);
  }
  try {
    const { values } = parseArgs({ options: known });
    for (const [name, value] of Object.entries(values)) checkNumber(name, value, known[name]!);
    return values;
  } catch (error) {
    const names = Object.keys(known).map((name) => `--${name}`);
    return refuse(`${(error as Error).message.split('. ')[0]}. There are ${names.join(', ')}; --help explains them.`);
  }
}

/** Ends a program that was started with something that it does not take. The code is none of those that say what was measured. */
export function refuse(message: string): never {
  console.error(message);
  process.exit(64);
}

/** The comment at the head of a program. */
export function headOf(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.slice(3))
    .join('\n');
}

function checkNumber(name: string, value: unknown, { default: usual }: Known[string]): void {
  const isNumber = name.startsWith('max-') || (typeof usual === 'string' && Number.isFinite(Number(usual)));
  if (isNumber && !(typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))))
    throw new Error(`--${name} takes a number, not ${JSON.stringify(value)}`);
}
