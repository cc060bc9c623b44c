// Colours for a terminal; none when the output is no terminal or the user wants none.

/** Wraps a text in the codes of a style. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const plain = (text: string) => text;
export const plainStyle: Style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain };

const colours: Style = {
  bold: coded(1, 22),
  dim: coded(2, 22),
  red: coded(31, 39),
  green: coded(32, 39),
  yellow: coded(33, 39),
};

/** The style for a stream: plain for a file or a pipe, for a dumb terminal, and when `NO_COLOR` is set. */
export function styleFor(stream: { readonly isTTY?: boolean }, env = process.env): Style {
  return stream.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb' ? colours : plainStyle;
}

function coded(on: number, off: number): (text: string) => string {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`;
}
