// The flow of a sink is found whatever stands between, whenever that subscribes, and is never that of another run.
import { expect } from 'chai';
import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  delay,
  lastValueFrom,
  type MonoTypeOperatorFunction,
  merge,
  mergeAll,
  mergeMap,
  type OperatorFunction,
  observeOn,
  repeat,
  share,
  subscribeOn,
  tap,
  timer,
} from 'rxjs';
import type { Progress, Receipt, Rows } from '../../lib/core/index.js';
import { client } from '../../lib/http/index.js';
import { offset, pages } from '../../lib/pages/index.js';
import { run } from '../../lib/table/index.js';
import { mapRows, retry, select } from '../../operators/index.js';
import { jsonl, parquet, tee } from '../../sinks/index.js';
import { cut, listedApi, told } from './listed-api.js';
import { failureOf } from './parquet-file.js';

describe('the flow of a sink', () => {
  const place = listedApi();
  const { file, start, asked, requests, walk: walkOf, rows: rowsOf } = place;

  describe('behind operators of the program', () => {
    const between: Readonly<Record<string, MonoTypeOperatorFunction<Rows>>> = {
      'that hand pages on later': observeOn(asyncScheduler),
      'that wait for a promise with each page': concatMap(async (page) => {
        await new Promise((resolve) => setImmediate(resolve));
        return page;
      }),
      'that subscribe later': subscribeOn(asyncScheduler),
      'that subscribe after a timer': (rows) => timer(1).pipe(concatMap(() => rows)),
      'that subscribe after promises': (rows) =>
        defer(async () => {
          await Promise.resolve();
          await new Promise((resolve) => setImmediate(resolve));
          return rows;
        }).pipe(mergeAll()),
      'that share it': share(),
    };
    for (const [name, operator] of Object.entries(between)) {
      for (const place of ['all of the chain', 'the walk']) {
        it(`${name} is found by ${place}: it is told of each request, and goes on where it was cut short`, async () => {
          await start(cut('/a'));
          const rows =
            place === 'the walk'
              ? walkOf('/a').pipe(operator as never, select('data'))
              : walkOf('/a').pipe(retry({ initialDelay: 1 }), select('data'), operator);
          const chain = rows.pipe(parquet(file('a.parquet')));
          expect(await failureOf(run(chain))).to.have.property('code', 'ERR_HTTP_STATUS');
          expect(asked()).to.deep.equal(['/a?0', '/a?2', '/a?4']);
          expect(requests(await told(chain))).to.deep.equal(['/a?4']);
          expect(asked().slice(3)).to.deep.equal(['/a?4']);
        });
      }
    }

    it('is found by each of several walks, at once or one after the other', async () => {
      for (const join of [merge, concat]) {
        await start(cut('/b'));
        const chain = join(rowsOf('/a'), rowsOf('/b')).pipe(parquet(file(`${join.name}.parquet`)));
        const first: Progress[] = [];
        await failureOf(run(chain, { onProgress: (event) => first.push(event) }));
        expect(requests(first).sort()).to.deep.equal(asked().sort());
        const before = asked().length;
        const again = requests(await told(chain));
        expect(again.sort()).to.deep.equal(asked().slice(before).sort());
        expect(again).to.include('/b?4').and.not.include('/b?0').and.not.include('/a?0');
      }
    });

    it('is found each time that a walk is repeated', async () => {
      await start();
      const chain = rowsOf('/a').pipe(repeat({ count: 3, delay: 1 }), parquet(file('a.parquet')));
      expect(requests(await told(chain))).to.have.length(asked().length);
    });

    it('is found by what an operator asks for with each page, also after it has waited', async () => {
      await start();
      const other = client({ baseUrl: place.url });
      const chain = rowsOf('/a').pipe(
        concatMap(async (page) => {
          await Promise.resolve();
          await lastValueFrom(other.send(other.prepare('/b')));
          return page;
        }),
        mergeMap((page) =>
          timer(1).pipe(concatMap(() => other.send(other.prepare('/c')).pipe(concatMap(() => [page])))),
        ),
        parquet(file('a.parquet')),
      );
      const events = await told(chain);
      expect(requests(events).filter((url) => url === '/b?0')).to.have.length(3);
      expect(requests(events).filter((url) => url === '/c?0')).to.have.length(3);
    });

    it('is found by what a function asks for after it has returned', async () => {
      await start();
      const other = client({ baseUrl: place.url });
      const waiting: Promise<unknown>[] = [];
      const later = async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        await lastValueFrom(other.send(other.prepare('/b')));
      };
      const look = (row: object) => {
        waiting.push(later());
        return row;
      };
      // The end of the run waits for them.
      const rows = concat(
        rowsOf('/a').pipe(mapRows(look)),
        defer(() => Promise.all(waiting)).pipe(concatMap(() => [])),
      );
      const events = await told(rows.pipe(parquet(file('a.parquet'))));
      expect(requests(events).filter((url) => url === '/b?0')).to.have.length(6);
    });

    it('is found, and so is the run, where the sink itself is subscribed to later', async () => {
      await start();
      const late: OperatorFunction<Rows, Receipt> = (rows) =>
        timer(1).pipe(concatMap(() => rows.pipe(jsonl(file('b.jsonl')))));
      for (const chain of [rowsOf('/a').pipe(late), rowsOf('/a').pipe(tee(parquet(file('a.parquet')), late))]) {
        const events = await told(chain);
        expect(requests(events)).to.deep.equal(['/a?0', '/a?2', '/a?4']);
        expect(
          events.filter(({ type }) => type === 'publish').map((event) => 'table' in event && event.table),
        ).to.include('b');
      }
    });

    it('is found by the operators of one sink among several', async () => {
      await start();
      const other = client({ baseUrl: place.url });
      const late: OperatorFunction<Rows, Receipt> = (rows) =>
        rows.pipe(
          concatMap(async (page) => {
            await Promise.resolve();
            await lastValueFrom(other.send(other.prepare('/b')));
            return page;
          }),
          jsonl(file('b.jsonl')),
        );
      const events = await told(rowsOf('/a').pipe(tee(parquet(file('a.parquet')), late)));
      expect(requests(events).filter((url) => url === '/b?0')).to.have.length(3);
    });
  });

  it('is not that of another run at once, whichever way each finds it', async () => {
    await start();
    const chains = {
      a: rowsOf('/a'),
      b: rowsOf('/b').pipe(subscribeOn(asyncScheduler), delay(1)),
      c: pages(client({ baseUrl: place.url }), '/c', offset({ limit: 2 }), { concurrency: 2 }).pipe(select('data')),
    };
    const all = await Promise.all(
      Object.entries(chains).map(([name, chain]) => told(chain.pipe(parquet(file(`${name}.parquet`))))),
    );
    const expected = ['/a', '/b', '/c'].map((path) => [`${path}?0`, `${path}?2`, `${path}?4`]);
    expect(all.map((events) => requests(events).sort())).to.deep.equal(expected);
  });

  it('is not that of a run that begins while another subscribes', async () => {
    for (const operator of [tap<Rows>(() => undefined), subscribeOn<Rows>(asyncScheduler), undefined]) {
      await start(cut('/a'));
      const chain = rowsOf('/a').pipe(parquet(file('a.parquet'), { writeDisposition: 'replace' }));
      await failureOf(run(chain));
      let inner: Promise<Progress[]> | undefined;
      const outer: Progress[] = [];
      const onProgress = (event: Progress) => {
        outer.push(event);
        if (event.type !== 'note' || !event.message.includes('goes on after')) return;
        const rows = operator ? rowsOf('/b').pipe(operator) : rowsOf('/b');
        inner ??= told(rows.pipe(parquet(file('b.parquet'), { writeDisposition: 'replace' })));
      };
      await run(chain, { onProgress });
      expect(requests(outer)).to.deep.equal(['/a?4']);
      expect(requests(await inner!)).to.deep.equal(['/b?0', '/b?2', '/b?4']);
    }
  });
});
