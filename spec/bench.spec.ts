// What the benchmarks conclude from what they measure.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { exponentOf } from '../bench/exponent.js';
import { bandOf, measured } from '../bench/noise.js';
import { pageWith } from '../bench/report/page.js';
import { picture } from '../bench/report/picture.js';
import { readResults } from '../bench/results.js';

describe('benchmarks', () => {
  it('find the exponent of a power law', () => {
    const x = [10, 30, 100, 300, 1000];
    expect(
      exponentOf(
        x,
        x.map((each) => 3 * each ** 1.5),
      ),
    ).to.be.closeTo(1.5, 1e-9);
    expect(
      exponentOf(
        x,
        x.map(() => 7),
      ),
    ).to.be.closeTo(0, 1e-9);
  });

  it('take the median of ratios, whatever one disturbed turn says', () => {
    const quiet = [1.98, 2.02, 2, 1.99, 2.01];
    expect(measured(quiet).ratio).to.be.closeTo(2, 1e-9);
    expect(measured([...quiet, 2.005, 40]).ratio).to.be.closeTo(2.005, 1e-9);
  });

  it('trust ratios that scatter less, and those of more turns', () => {
    const wide = [1, 2, 3, 4, 5];
    const narrow = [2.9, 2.95, 3, 3.05, 3.1];
    expect(measured(narrow).error).to.be.below(measured(wide).error);
    expect(measured([...wide, ...wide, ...wide, ...wide]).error).to.be.closeTo(measured(wide).error / 2, 1e-9);
  });

  it('allow three errors, and a little where there is none', () => {
    expect(bandOf(0, 0)).to.equal(0.05);
    expect(bandOf(0.03, 0.04)).to.be.closeTo(0.05 + 3 * 0.05, 1e-9);
  });

  it('have a page and a picture that are what the results say', () => {
    const results = readResults();
    const [page, image] = ['performance.md', 'performance.svg'].map((name) =>
      readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8'),
    );
    expect(pageWith(page!, results)).to.equal(page);
    expect(picture(results)).to.equal(image);
  });

  it('leave what they did not measure as it stands in the page', () => {
    const page = 'before\n<!-- growth -->\nold\n<!-- /growth -->\nafter';
    expect(pageWith(page, {})).to.equal(page);
    expect(() => pageWith('no place', { growth: [] })).to.throw('no place for growth');
  });

  /** The code that a benchmark ends with, and what it prints. */
  async function started(
    name: string,
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
    const file = fileURLToPath(new URL(`../bench/${name}.ts`, import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', file, ...args]);
    const [[code], out, error] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
    return { code, out, error };
  }

  it('name the options that there are when one is unknown or wrong, in one line', async () => {
    const unknown = await started('table', '--row', '10');
    expect(unknown).to.deep.include({ code: 64, out: '' });
    expect(unknown.error).to.equal(
      "Unknown option '--row'. There are --rows, --page-size, --runs, --max-ratio, --max-megabytes; --help explains them.\n",
    );
    const wrong = await started('growth', '--columns', 'many');
    expect(wrong.code).to.equal(64);
    expect(wrong.error).to.match(/^--columns takes a number, not "many"\. There are [^\n]+\n$/);
  });

  it('explain themselves', async () => {
    const { code, out } = await started('growth', '--help');
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^How time and memory grow .*--columns 1000 and --resources 256/s)
      .and.not.contain('import');
  });

  it('read their options in one way', () => {
    const folder = new URL('../bench/', import.meta.url);
    const programs = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'options.ts');
    const others = programs.filter((name) => readFileSync(new URL(name, folder), 'utf8').includes('parseArgs'));
    expect(others).to.deep.equal([]);
  });
});
