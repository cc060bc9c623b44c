import { expect } from 'chai';
import { ProgressDisplay } from '../../lib/cli/progress-display.js';
import { barLine, plainLine } from '../../lib/cli/progress-line.js';
import { ResourceState } from '../../lib/cli/resource-state.js';
import { plainStyle } from '../../lib/cli/style.js';
import { width } from '../../lib/cli/text-table.js';
import type { Progress } from '../../lib/core/index.js';

const page: Progress = { type: 'page', position: { walk: 'w', page: 0, next: 1 }, total: 4 };
const rows: Progress = { type: 'rows', table: 't', rows: 100, bytes: 1000 };
const request: Progress = { type: 'request', method: 'GET', url: 'http://x' };

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

  it('says what it waits for and how long', () => {
    const retry: Progress = { type: 'retry', attempt: 1, wait: 4000, reason: 'answered 503' };
    const waiting = state(request, page, rows, retry);
    expect(plainLine(waiting, 2000)).to.contain('1 retry, waiting 3.0 s: answered 503');
    waiting.take(request, 5000);
    expect(plainLine(waiting, 5000)).to.not.contain('waiting');
  });

  it('says when the table is written and when it is done', () => {
    const publishing = state(request, page, rows, { type: 'publish', table: 't', step: 'started' });
    expect(plainLine(publishing, 2000)).to.contain('writing the table');
    publishing.take({ type: 'publish', table: 't', step: 'finished' }, 2000);
    expect(plainLine(publishing, 2000)).to.match(/done$/);
  });

  it('fills its bar by the pages, and is never wider than the terminal', () => {
    const options = { style: plainStyle, now: 2000, columns: 60, nameWidth: 8 };
    const line = barLine(state(request, page, rows), options);
    expect(line).to.contain('█████░░░░░░░░░░░░░░░');
    expect(width(line)).to.be.at.most(60);
  });
});

describe('the display', () => {
  function stream(isTTY: boolean): { written: string; write(text: string): boolean; isTTY: boolean; columns: number } {
    return {
      written: '',
      isTTY,
      columns: 80,
      write(text: string) {
        this.written += text;
        return true;
      },
    };
  }

  it('writes plain lines where there is no terminal', () => {
    const log = stream(false);
    const display = new ProgressDisplay({ stream: log as unknown as NodeJS.WriteStream });
    for (const event of [request, page, rows, rows]) display.take('projects', event);
    display.take('projects', { type: 'note', message: 'goes on after page 3' });
    display.close();
    expect(log.written).to.match(/^projects: 1 of 4 pages, 100 rows.*\nprojects: goes on after page 3\n$/);
  });

  it('redraws its lines on a terminal, one for each resource', () => {
    const terminal = stream(true);
    const display = new ProgressDisplay({ stream: terminal as unknown as NodeJS.WriteStream });
    display.take('a', page);
    display.take('b', page);
    display.write('hello');
    display.close();
    expect(terminal.written).to.contain('hello\n').and.contain('\u001b[2A\u001b[0J');
  });
});
