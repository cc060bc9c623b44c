// What the long crash suites have done: one table for each of them, printed when all of them are through.

type Cell = string | number;
const tables = new Map<string, Readonly<Record<string, Cell>>[]>();

/** Adds a row to the table of this title. The names of the cells are the heads of the columns. */
export function summarize(title: string, row: Readonly<Record<string, Cell>>): void {
  if (tables.size === 0) process.on('exit', print);
  tables.set(title, [...(tables.get(title) ?? []), row]);
}

/** A row as a line of a table. */
export function tableLine(cells: readonly Cell[]): string {
  return `| ${cells.join(' | ')} |`;
}

function print(): void {
  for (const [title, rows] of tables) {
    const heads = Object.keys(rows[0]!);
    const lines = [heads, heads.map(() => '---'), ...rows.map((row) => heads.map((head) => row[head] ?? ''))];
    console.log(`\n${title}\n\n${lines.map(tableLine).join('\n')}`);
  }
}
