// The few things that a chart is made of.

export interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** Maps values to places between `from` and `to`. A logarithmic scale reaches to whole powers of ten. */
export function scale(values: readonly number[], from: number, to: number, kind: 'linear' | 'log'): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (kind === 'linear') {
    const at = (value: number) => from + ((value - least) / (most - least || 1)) * (to - from);
    return { at, ticks: [0, 1, 2, 3].map((step) => least + (step / 3) * (most - least)) };
  }
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)),
  };
}

export function axes({ left, top, width, height }: Plot, x: Scale, y: Scale): string {
  const frame = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#d0d7de"/>`;
  const below = x.ticks.map((tick) =>
    text(x.at(tick), top + height + 16, short(tick), { anchor: 'middle', small: true }),
  );
  const beside = y.ticks.map((tick) => text(left - 6, y.at(tick) + 4, short(tick), { anchor: 'end', small: true }));
  return [frame, ...below, ...beside].join('\n');
}

export function line(points: readonly (readonly [number, number])[], colour: string): string {
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

export interface TextOptions {
  readonly anchor?: 'middle' | 'end';
  readonly title?: boolean;
  readonly small?: boolean;
}

export function text(x: number, y: number, content: string, { anchor, title, small }: TextOptions = {}): string {
  const style = title ? ' class="title"' : small ? ' class="small"' : '';
  const place = anchor ? ` text-anchor="${anchor}"` : '';
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${style}${place}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(2))} M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(3)));
}
