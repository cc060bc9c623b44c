// Lays out rows of text in columns that line up on a terminal.

export interface TextTableOptions {
  /** Columns whose texts are flush right. */
  readonly right?: readonly number[];
  /** Longer cells are cut. @default 40 */
  readonly maximumCell?: number;
  /** Characters before each line. @default '' */
  readonly indent?: string;
}

/** The lines of a table; the first of `rows` is its head, underlined. */
export function textTable(rows: readonly (readonly string[])[], options: TextTableOptions = {}): string[] {
  const { right = [], maximumCell = 40, indent = '' } = options;
  const cells = rows.map((row) => row.map((cell) => cut(oneLine(cell), maximumCell)));
  const count = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cells.map((row) => width(row[column] ?? ''))),
  );
  const line = (row: readonly string[]) =>
    (indent + widths.map((size, column) => pad(row[column] ?? '', size, right.includes(column))).join('  ')).trimEnd();
  const [head, ...body] = cells;
  if (head === undefined) return [];
  return [line(head), indent + widths.map((size) => '─'.repeat(size)).join('  '), ...body.map(line)];
}

/** How many columns of a terminal the text takes: Chinese, Japanese, Korean and emoji take two, marks on a letter none. */
export function width(text: string): number {
  let sum = 0;
  for (const segment of signs(text)) sum += wide.test(segment) ? 2 : 1;
  return sum;
}

/** The text cut to `size` columns, with `…` at the end where something is missing. */
export function cut(text: string, size: number): string {
  if (width(text) <= size) return text;
  let kept = '';
  let sum = 0;
  for (const segment of signs(text)) {
    const next = wide.test(segment) ? 2 : 1;
    if (sum + next > size - 1) break;
    kept += segment;
    sum += next;
  }
  return `${kept}…`;
}

let segmenter: Intl.Segmenter | undefined;

/** What a person takes for one sign. Plain text needs nothing of what Node knows of languages, which takes its time to load. */
function signs(text: string): Iterable<string> {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

const wide =
  /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;

function pad(text: string, size: number, right: boolean): string {
  const space = ' '.repeat(size - width(text));
  return right ? space + text : text + space;
}

/** Control characters, and with them everything that could steer the terminal, are shown as `·`. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '·');
}
