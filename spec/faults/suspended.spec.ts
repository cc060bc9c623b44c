// A machine that sleeps while requests are under way: their time is over when it wakes, and their answers are there.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect } from 'chai';

const program = `
import { lastValueFrom, toArray } from 'rxjs';
import { client, offset, pages } from './dist/lib/index.js';
import { retry } from './dist/operators/index.js';
const [, url] = process.argv;
const api = client({ baseUrl: url, timeout: { whole: 400, firstByte: 300, idle: 300 } });
const got = pages(api, '/rows', offset({ limit: 1, totalPath: 'total' }), { concurrency: 4 }).pipe(retry({ initialDelay: 1 }), toArray());
process.stdout.write(String((await lastValueFrom(got)).length));
`;

describe('a process that is stopped for a while', function () {
  this.timeout(60_000);

  it('reads the answers that came meanwhile, instead of asking for all of them again', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      const offset = Number(new URL(request.url!, 'http://localhost').searchParams.get('offset'));
      const answer = (): void => void response.end(JSON.stringify({ data: [{ id: offset }], total: 9 }));
      // The requests after the first come together.
      if (asked !== 5) return asked < 5 && asked > 1 ? void setTimeout(answer, 50) : answer();
      running.child.kill('SIGSTOP');
      setTimeout(answer, 50);
      setTimeout(() => running.child.kill('SIGCONT'), 2000);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const running = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, url]);
    try {
      expect((await running).stdout).to.equal('9');
      expect(asked).to.equal(9);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
