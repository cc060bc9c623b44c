import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import type { LogLevel } from '../../lib/cli/flags.js';
import type { ProgressKind } from '../../lib/cli/open-display.js';
import { barLine, plainLine } from '../../lib/cli/progress-text.js';
import { ResourceState } from '../../lib/cli/resource-state.js';
import { RunProgress } from '../../lib/cli/run-progress.js';
import { plainStyle } from '../../lib/cli/style.js';
import { width } from '../../lib/cli/text-table.js';
import type { Progress } from '../../lib/core/index.js';

const page: Progress = { type: 'page', position: { walk: 'w', page: 0, next: 1 }, total: 4 };
const rows: Progress = { type: 'rows', table: 't', rows: 100, bytes: 1000 };
const request: Progress = { type: 'request', method: 'GET', url: 'http://x' };
const response: Progress = { type: 'response', status: 200, bytes: 1000, milliseconds: 10 };
const retry: Progress = { type: 'retry', attempt: 1, wait: 4000, reason: 'answered 503' };
const finished: Progress = { type: 'publish', table: 't', step: 'finished' };

function state(...events: readonly Progress[]): ResourceState {
  const made = new ResourceState('projects', 0);
  for (const event of events) made.take(event, 1000);
  return made;
}

describe('the progress of a resource', () => {
  it('counts pages, rows and retries, and estimates the rest', () => {
    const text = plainLine(state(request, page, rows, request), 2000);
    expect(text).to.equal('projects: 1 of 4 pages, 100 rows, 50 rows/s, 6.0 s left');
  });

  it('counts the pages of the run that it goes on from, and knows no total of several walks', () => {
    const resumed = state(request, { ...page, position: { walk: 'w', page: 2, next: 3 } }, rows, request);
    expect(plainLine(resumed, 2000)).to.contain('3 of 4 pages, 100 rows');
    resumed.take({ ...page, position: { walk: 'v', page: 0, next: null } }, 2000);
    expect(plainLine(resumed, 2000)).to.contain('2 pages, 100 rows');
    resumed.take({ ...page, position: { walk: 'w', page: 3, next: null } }, 2000);
    expect(plainLine(resumed, 2000)).to.contain('3 pages, 100 rows');
  });

  it('says what it waits for and how long', () => {
    const waiting = state(request, page, rows, retry);
    expect(plainLine(waiting, 2000)).to.contain('1 retry, waiting 3.0 s: answered 503');
    waiting.take(request, 5000);
    expect(plainLine(waiting, 5000)).to.not.contain('waiting');
    waiting.take({ type: 'wait', wait: 60_000, reason: 'its place in the rate limit' }, 5000);
    expect(plainLine(waiting, 6000)).to.contain('waiting 59.0 s: its place in the rate limit');
  });

  it('leaves waits out of the speed, and expects as many of them as there were: one at the beginning does not multiply', () => {
    const waited = new ResourceState('projects', 0);
    waited.take(request, 0);
    waited.take({ ...retry, wait: 1000 }, 100);
    waited.take(request, 1100);
    waited.take({ ...page, total: 30 } as Progress, 1300);
    waited.take(rows, 1300);
    waited.take(request, 1300);
    // 300 ms of work for each of 29 pages, and a wait of 1 s among 11.
    expect(plainLine(waited, 1300)).to.equal('projects: 1 of 30 pages, 100 rows, 333 rows/s, 1 retry, 11.3 s left');
  });

  it('counts to the limit of the run, where that comes before the total', () => {
    const limited = new ResourceState('projects', 0, { limit: 2 });
    for (const event of [request, page, rows, request]) limited.take(event, 1000);
    expect(plainLine(limited, 2000)).to.equal('projects: 1 of 2 pages, 100 rows, 50 rows/s, 2.0 s left');
  });

  it('says when the table is written, and at the end how long it took', () => {
    const publishing = state(request, page, rows, { type: 'publish', table: 't', step: 'started' });
    expect(plainLine(publishing, 2000)).to.contain('writing the table');
    publishing.take(finished, 2000);
    expect(plainLine(publishing, 9000)).to.equal('projects: 1 of 4 pages, 100 rows, 50 rows/s, done in 2.0 s');
  });

  it('measures the speed of the last seconds, not of a slow hour before', () => {
    const slow = new ResourceState('a', 0);
    slow.take(request, 0);
    for (let second = 3600; second <= 3630; second += 1) {
      slow.take(page, second * 1000);
      slow.take(rows, second * 1000);
    }
    expect(slow.rowsPerSecond(3_630_000)).to.be.closeTo(100, 15);
  });

  it('fills its bar by the pages', () => {
    const line = barLine(state(request, page, rows), { style: plainStyle, now: 2000, columns: 80, nameWidth: 8 });
    expect(line).to.contain('████░░░░░░░░░░░░').and.contain('1 of 4 pages, 100 rows');
  });

  for (const columns of [20, 40, 60, 80, 120, 200]) {
    it(`is never wider than a terminal of ${columns} columns, and keeps what it waits for`, () => {
      const long = new ResourceState('a name that is much longer than there is room for it', 0);
      for (const event of [request, page, rows, retry]) long.take(event, 1000);
      const options = { style: plainStyle, now: 2000, columns, nameWidth: width(long.name) };
      const line = barLine(long, options);
      expect(width(line)).to.be.at.most(columns);
      if (columns >= 60) expect(line).to.contain('waiting 3.0');
    });
  }
});

describe('the display', () => {
  interface Written {
    written: string;
    write(text: string): boolean;
    readonly isTTY: boolean;
    readonly columns: number;
    readonly rows: number;
  }

  function stream({ isTTY, lines = 24 }: { readonly isTTY: boolean; readonly lines?: number }): Written {
    return {
      written: '',
      isTTY,
      columns: 80,
      rows: lines,
      write(text: string) {
        this.written += text;
        return true;
      },
    };
  }

  function open(kind: ProgressKind, to: Written, logLevel: LogLevel = 'info'): RunProgress {
    return new RunProgress(kind, { stream: to as unknown as NodeJS.WriteStream, logLevel });
  }

  it('writes plain lines where there is no terminal', () => {
    const log = stream({ isTTY: false });
    const progress = open('auto', log);
    for (const event of [request, page, rows, rows]) progress.take('projects', event);
    progress.take('projects', { type: 'note', message: 'goes on after page 3' });
    progress.take('projects', retry);
    progress.display.close();
    expect(log.written).to.match(
      /^projects: 1 of 4 pages, 100 rows.*\nprojects: goes on after page 3\nprojects: waiting 4.0 s: answered 503, then retry 1\n$/,
    );
  });

  it('tells no more than the level asks for', () => {
    const told = (level: LogLevel) => {
      const log = stream({ isTTY: false });
      const progress = open('auto', log, level);
      const events: Progress[] = [request, page, rows, { type: 'note', message: 'found' }, retry, finished];
      for (const event of events) progress.take('p', event);
      progress.display.fail('error: broken', 'ERR');
      return log.written.trimEnd().split('\n').length;
    };
    expect([told('error'), told('warn'), told('info'), told('debug')]).to.deep.equal([1, 2, 5, 6]);
  });

  it('redraws its lines on a terminal in one write, one for each resource', () => {
    const terminal = stream({ isTTY: true });
    const progress = open('auto', terminal);
    progress.take('a', page);
    progress.take('b', page);
    progress.display.write('hello');
    progress.display.write('again');
    progress.display.close();
    expect(stripVTControlCharacters(terminal.written)).to.match(/^hello\na .*\nb .*\n\ragain\na .*\nb .*\n/);
    expect(terminal.written).to.contain('\r\u001b[2A\u001b[0Jagain\n');
  });

  it('leaves the last state on the terminal once, and what comes after it below', () => {
    const terminal = stream({ isTTY: true });
    const progress = open('auto', terminal);
    progress.take('a', page);
    progress.display.close();
    progress.display.fail('error: broken', undefined);
    progress.display.write('go on');
    expect(stripVTControlCharacters(terminal.written)).to.match(/^a .*\n\nerror: broken\ngo on\n$/);
  });

  it('shows those at work when there is no room for all', () => {
    const terminal = stream({ isTTY: true, lines: 6 });
    const progress = open('bars', terminal);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) progress.take(name, request);
    progress.take('a', finished);
    progress.take('b', finished);
    progress.display.close();
    const lines = stripVTControlCharacters(terminal.written).split('\n');
    const names = lines.map((line) => line.slice(0, 2));
    expect(names).to.deep.equal(['c ', 'd ', 'e ', '… ', '', '']);
    expect(terminal.written).to.contain('3 resources more, 2 done');
  });

  it('writes JSON lines for programs', () => {
    const log = stream({ isTTY: true });
    const progress = open('json', log);
    for (const event of [request, page, rows, retry, finished]) progress.take('p', event);
    progress.display.fail('error: broken', 'ERR_HTTP_STATUS');
    const lines = log.written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).to.deep.equal(['progress', 'retry', 'progress', 'error']);
    expect(lines[0]).to.include({ resource: 'p', phase: 'reading', pages: 1, total_pages: 4, rows: 100 });
    expect(lines[1]).to.include({ resource: 'p', attempt: 1, wait_seconds: 4, reason: 'answered 503' });
    expect(lines[2]).to.include({ phase: 'done', retries: 1 });
    expect(lines[3]).to.include({ code: 'ERR_HTTP_STATUS', message: 'broken' });
    expect(lines.every(({ time }) => !Number.isNaN(Date.parse(time)))).to.equal(true);
  });

  it('shows the resource while rows come that name their tables, and the tables when they are written', async () => {
    const log = stream({ isTTY: false });
    const progress = open('plain', log);
    for (const event of [request, response, page]) progress.take('p', event);
    progress.take('p: a', rows);
    progress.take('p: b', rows);
    await progress.pagesTaken(60_000);
    expect(log.written)
      .to.match(/^p: .*100 rows/)
      .and.not.contain('p: a');
    expect(progress.resources.map(({ name, pages, rows }) => [name, pages, rows])).to.deep.equal([['p', 1, 200]]);
    progress.take('p: a', finished);
    expect(log.written).to.match(/^p: a: 100 rows, .*done in/m);
    expect([...progress.states.keys()]).to.deep.equal(['p', 'p: a']);
    expect(progress.resources).to.have.length(1);
  });

  it('waits for the pages that are on their way, and for no others', async () => {
    const progress = open('none', stream({ isTTY: false }));
    await progress.pagesTaken(60_000);
    progress.take('a', request);
    progress.take('b', request);
    progress.take('c', retry);
    let taken = false;
    const waiting = progress.pagesTaken(60_000).then(() => {
      taken = true;
    });
    // The rows of the page before say nothing of the page that is on its way.
    progress.take('a', rows);
    progress.take('b', retry);
    await new Promise((wake) => setImmediate(wake));
    expect(taken).to.equal(false);
    for (const event of [response, page, request]) progress.take('a', event);
    await new Promise((wake) => setImmediate(wake));
    expect(taken).to.equal(false);
    progress.take('a', rows);
    await waiting;
    await progress.pagesTaken(1);
  });
});
