// The picture of the results: rows a second of each contender as bars, how time grows with what, and memory over the longest run.
import type { GrowthSeries, MemoryResult, PeersResult, Results } from '../results.js';
import { axes, line, type Plot, scale, text } from './svg.js';

const width = 900;
const barHeight = 22;
const colours = ['#1f6feb', '#d29922', '#2da44e', '#8250df', '#cf222e'];

/** An SVG. Parts without results are left out. */
export function picture({ peers, growth, memory }: Results): string {
  const parts: string[] = [];
  let top = 10;
  const add = (height: number, draw: (top: number) => string) => {
    parts.push(draw(top));
    top += height;
  };
  if (peers) add(70 + peers.peers.length * barHeight, (at) => bars(peers, at));
  if (growth || memory) {
    add(330, (at) => (growth ? growthPlot(growth, at) : '') + (memory ? memoryPlot(memory, at) : ''));
  }
  const style = 'text{font:12px sans-serif;fill:#24292f}.title{font-weight:bold;font-size:14px}.small{font-size:11px}';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" aria-label="Results of the benchmarks">`,
    `<style>${style}</style><rect width="${width}" height="${top}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function bars({ rows, pageSize, peers }: PeersResult, top: number): string {
  const most = Math.max(...peers.map(({ rowsPerSecond }) => rowsPerSecond));
  const [left, longest] = [270, 480];
  const drawn = peers.map(({ name, rowsPerSecond, ratio }, index) => {
    const y = top + 40 + index * barHeight;
    const length = (rowsPerSecond / most) * longest;
    const fill = name.startsWith('Sluice') ? colours[0] : name.startsWith('floor') ? '#d0d7de' : '#8c959f';
    const label = `${rowsPerSecond.toLocaleString('en')} (${ratio.median.toFixed(1)} × the floor)`;
    return (
      text(left - 8, y + 14, name, { anchor: 'end' }) +
      `<rect x="${left}" y="${y + 2}" width="${length.toFixed(1)}" height="${barHeight - 6}" fill="${fill}"/>` +
      text(left + length + 6, y + 14, label, { small: true })
    );
  });
  const title = `Rows a second: ${rows.toLocaleString('en')} rows in pages of ${pageSize}, median (longer is better)`;
  return text(20, top + 20, title, { title: true }) + drawn.join('\n');
}

function growthPlot(series: readonly GrowthSeries[], top: number): string {
  const plot: Plot = { left: 70, top: top + 40, width: 330, height: 200 };
  const x = scale(
    series.flatMap((each) => each.x),
    plot.left,
    plot.left + plot.width,
    'log',
  );
  const y = scale(
    series.flatMap((each) => each.processorSeconds),
    plot.top + plot.height,
    plot.top,
    'log',
  );
  const drawn = series.map(({ of, x: xs, processorSeconds, exponents }, index) => {
    const colour = colours[index % colours.length]!;
    const points = xs.map((each, at) => [x.at(each), y.at(processorSeconds[at]!)] as const);
    const label = `${of.split(',')[0]}: exponent ${exponents.processorAtEnd.toFixed(2)}`;
    const at = plot.top + plot.height + 36 + (index >> 1) * 15;
    const side = plot.left - 50 + (index % 2) * 200;
    return (
      line(points, colour) +
      `<rect x="${side}" y="${at - 9}" width="10" height="10" fill="${colour}"/>` +
      text(side + 14, at, label, { small: true })
    );
  });
  return text(20, top + 20, 'Processor seconds as each grows', { title: true }) + axes(plot, x, y) + drawn.join('\n');
}

function memoryPlot({ rows, resident, peakMegabytes }: MemoryResult, top: number): string {
  const plot: Plot = { left: 520, top: top + 40, width: 350, height: 200 };
  const x = scale([0, rows], plot.left, plot.left + plot.width, 'linear');
  const y = scale([0, 300], plot.top + plot.height, plot.top, 'linear');
  const points = resident.map((each, at) => [x.at(((at + 1) / resident.length) * rows), y.at(each)] as const);
  const title = `Memory over ${rows.toLocaleString('en')} rows, MB (peak ${peakMegabytes})`;
  return text(470, top + 20, title, { title: true }) + axes(plot, x, y) + line(points, colours[0]!);
}
