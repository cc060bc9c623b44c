// The parts of the page of results that are made from the results: each stands between two marks, and what is around them is written by hand.
import type { GrowthSeries, MemoryResult, PeersResult, Results } from '../results.js';

/** The page with its parts made anew. A part without results stays as it is. @throws Error for a page without the marks of a part */
export function pageWith(page: string, results: Results): string {
  const parts: readonly (readonly [string, string | undefined])[] = [
    [
      'machine',
      results.machine && `${results.machine.cores} cores (${results.machine.processor}), Node ${results.machine.node}.`,
    ],
    ['peers', results.peers && peersTable(results.peers)],
    ['latency', results.latency && peersTable(results.latency)],
    ['growth', results.growth && growthTable(results.growth)],
    ['memory', results.memory && memoryLine(results.memory)],
    ['commands', results.peers && commands(results.peers)],
  ];
  return parts.reduce((text, [name, part]) => (part === undefined ? text : replaced(text, name, part)), page);
}

function replaced(page: string, name: string, part: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for ${name}: ${start} and ${end}`);
  return `${page.slice(0, from + start.length)}\n${part}\n${page.slice(to)}`;
}

function peersTable({ rows, pageSize, latency, concurrency, peers }: PeersResult): string {
  const own = peers.find(({ name }) => name === 'Sluice');
  const waiting = latency > 0 ? `, ${latency} ms for each answer, ${concurrency} in flight where the program can` : '';
  const head = `${count(rows)} rows in pages of ${pageSize}${waiting}.\n`;
  const lines = peers.map(({ name, about, ratio, seconds, rowsPerSecond, processorSeconds, peakMegabytes, turns }) => {
    const faster = own && !/^(floor|Sluice)/.test(name) ? (seconds.median / own.seconds.median).toFixed(1) : '';
    const cells = [
      name,
      `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)})`,
      faster,
      count(rowsPerSecond),
      `${processorSeconds.toFixed(1)} s`,
      `${peakMegabytes} MB`,
      String(turns),
      about,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    head,
    '| | times the floor: median (min) | Sluice is faster by | rows a second | processor | peak memory | turns | |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function growthTable(series: readonly GrowthSeries[]): string {
  const lines = series.map(({ of, x, processorSeconds, peakMegabytes, exponents }) => {
    const cells = [
      of,
      `${count(x[0]!)} to ${count(x.at(-1)!)}`,
      `${processorSeconds[0]!.toFixed(2)} to ${processorSeconds.at(-1)!.toFixed(2)} s`,
      `${exponents.processor.toFixed(2)} (${exponents.processorAtEnd.toFixed(2)})`,
      `${peakMegabytes[0]} to ${peakMegabytes.at(-1)} MB`,
      exponents.memory.toFixed(2),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| what grows | from, to | processor time | exponent of time: all points (the last two) | peak memory | exponent of memory |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function memoryLine({ rows, seconds, peakMegabytes, firstRow, resident }: MemoryResult): string {
  const [most, least] = [Math.max(...resident), Math.min(...resident)];
  const rate = count(Math.round(rows / seconds / 1000) * 1000);
  return (
    `${count(rows)} rows into Parquet at ${rate} rows a second: at most ${peakMegabytes} MB for the whole process, publishing included; ` +
    `${least} to ${most} MB while the pages come. The first row is there after ${firstRow} ms.`
  );
}

function commands({ peers }: PeersResult): string {
  return peers.map(({ name, command, versions }) => `- ${name}: \`${command}\` (${versions.join(', ')})`).join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en');
}
