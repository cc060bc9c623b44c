// The summary of a run with several tables: a line for each, and their sum.
import { filesOfAll, type Receipt } from '../core/index.js';
import { count, duration, size } from './numbers.js';
import { plainStyle, type Style } from './style.js';
import { changes } from './summary.js';
import { cut, textTable, width } from './text-table.js';

export interface RunTableOptions {
  /** @default plain text */
  readonly style?: Style;
  /** Columns of the terminal; what matters least is left out of a wider table. @default no limit */
  readonly columns?: number;
  /** The resource that each of the tables is of: what is of a resource counts once in the sum. @default one for each table */
  readonly resources?: readonly string[];
}

interface Fact {
  readonly head: string;
  readonly of: (receipt: Receipt) => number;
  readonly text?: (value: number) => string;
  /** How the last line is made. @default the sum */
  readonly all?: (receipts: readonly Receipt[]) => number;
  /** The higher, the sooner it is left out. */
  readonly rank: number;
  /** Left out when it is 0 for all tables. */
  readonly rare?: boolean;
  /** It is that of the resource: child tables show none, and tables of one resource the same. */
  readonly ofResource?: boolean;
}

const facts: readonly Fact[] = [
  { head: 'pages', of: ({ counts }) => counts.pages, rank: 3, ofResource: true },
  { head: 'retries', of: ({ counts }) => counts.retries, rank: 6, ofResource: true },
  { head: 'rows read', of: ({ rows }) => rows, rank: 0 },
  { head: 'inserted', of: ({ inserted }) => inserted, rank: 1 },
  { head: 'updated', of: ({ updated }) => updated, rank: 1 },
  { head: 'unchanged', of: ({ unchanged }) => unchanged, rank: 2 },
  { head: 'deleted', of: ({ deleted, softDeleted }) => deleted + softDeleted, rank: 2, rare: true },
  { head: 'retired', of: ({ retired }) => retired, rank: 2, rare: true },
  { head: 'skipped', of: ({ skipped }) => skipped, rank: 5, rare: true },
  { head: 'dropped', of: ({ duplicates }) => duplicates, rank: 5 },
  { head: 'in the table', of: ({ total }) => total, rank: 0 },
  { head: 'size', of: ({ bytes }) => bytes, text: size, all: (all) => filesOfAll(all).bytes, rank: 4 },
  {
    head: 'time',
    of: ({ seconds }) => seconds,
    text: duration,
    all: (all) => Math.max(...all.map(({ seconds }) => seconds)),
    rank: 7,
  },
];

/**
 * A table of tables, with their child tables below them.
 *
 * @example console.log(runTable([receipt]))
 */
export function runTable(
  roots: readonly Receipt[],
  { style = plainStyle, columns = Number.POSITIVE_INFINITY, resources = [] }: RunTableOptions = {},
): string {
  const receipts = roots.flatMap((receipt, index): TableReceipt[] => [
    { ...receipt, isFirst: resources.indexOf(resources[index]!) === index || resources[index] === undefined },
    ...(receipt.children ?? []).map((child) => ({ ...child, isChild: true })),
  ]);
  let shown = facts.filter(({ rare, of }) => !rare || receipts.some((receipt) => of(receipt) > 0));
  const named = receipts.map((receipt) => ({ ...receipt, table: cut(receipt.table, Math.max(12, columns / 3)) }));
  let lines = layOut(named, shown);
  while (shown.length > 2 && width(lines[0]!) > columns) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank !== last);
    lines = layOut(named, shown);
  }
  const [head, line, ...rest] = lines;
  const notes = receipts.flatMap((receipt) => changes(receipt, style).map((change) => `  ${receipt.table}:${change}`));
  return [style.bold(head!), line, ...rest.slice(0, -1), line, rest.at(-1), ...notes].join('\n');
}

interface TableReceipt extends Receipt {
  readonly isChild?: boolean;
  /** Of the tables of its resource. */
  readonly isFirst?: boolean;
}

function layOut(receipts: readonly TableReceipt[], shown: readonly Fact[]): string[] {
  const text = ({ text = count }: Fact, value: number) => text(value);
  const has = (fact: Fact, { isChild }: TableReceipt) => !(fact.ofResource && isChild);
  const counts = (fact: Fact, { isFirst }: TableReceipt) => !fact.ofResource || isFirst;
  const body = receipts.map((receipt) => [
    receipt.table,
    ...shown.map((fact) => (has(fact, receipt) ? text(fact, fact.of(receipt)) : '')),
  ]);
  const all = shown.map((fact) => {
    const counted = receipts.filter((each) => counts(fact, each));
    return text(fact, fact.all?.(counted) ?? counted.reduce((sum, receipt) => sum + fact.of(receipt), 0));
  });
  const right = shown.map((_, index) => index + 1);
  return textTable([['table', ...shown.map(({ head }) => head)], ...body, ['all', ...all]], { right });
}
