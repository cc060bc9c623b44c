// A marked secret in every place where one can be, every kind of failure, and a search for it in everything that comes out: errors,
// progress, printed output, state and files; raw, URL-encoded, escaped, and in base64.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';
import { type ClientOptions, client, jsonLink, oauth2JwtBearer, pages, run, SluiceError } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { faultyServer } from './faulty-server.js';
import { headerText, type Place, places } from './secret-places.js';
import { collect, contextOf, failures, mark, marks, planOf } from './secret-search.js';

/** What surrounds the mark: signs that are written differently in URLs, JSON and base64. */
const around = fc.stringMatching(/^[a-z0-9+/=&%!'() "\\ü.*$^[\]{}?#@~-]{6,12}$/).filter((text) => text.trim() === text);
const secretText = fc.tuple(around, around).map(([before, after]) => before + mark + after);
/** How many examples are tried. */
const runs = Number(process.env['SLUICE_SECRETS'] ?? 80);

describe('secrets', function () {
  this.timeout(200_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are in nothing that comes out, wherever they are and whatever fails', async () => {
    const printed: string[] = [];
    const out: unknown[] = printed;
    let masked = 0;
    const restore = listen(printed);
    try {
      await fc.assert(
        fc.asyncProperty(
          secretText,
          fc.constantFrom(...Object.keys(places)),
          fc.constantFrom(...Object.keys(failures)),
          fc.boolean(),
          async (text, place, failure, atToken) => {
            // Also what a run left that failed this test: else each smaller example would find it there.
            await rm(join(folder, '.sluice'), { recursive: true, force: true });
            out.length = 0;
            const secret = /bearer|header|function/.test(place) ? headerText(text) : text;
            const plan = planOf(secret, (failures[failure] as (typeof failures)[string])(secret), {
              // One that is given out is not known before.
              atToken: atToken && !place.startsWith('given'),
              given: place.startsWith('given'),
              echoed: echoedOf(place),
            });
            const server = await faultyServer({ rows: 10, plan });
            try {
              const made = (places[place] as Place)(server.url, secret);
              const api = client({ baseUrl: server.url, timeout: 40, ...made.client });
              const chain = pages(api, { url: '/rows', ...made.request }, jsonLink({ nextUrlPath: 'next' })).pipe(
                retry({ maxRetries: 1, initialDelay: 0 }),
                select('data'),
                parquet(join(folder, 'rows.parquet'), { checkpoint: { pages: 1 } }),
              );
              out.push(await run(chain, { onProgress: (event) => out.push(event) }).catch((error) => error));
              api.close();
            } finally {
              await server.close();
            }
            expect(out.at(-1)).to.be.instanceOf(SluiceError);
            const everything = await collect(out.splice(0), folder);
            if (everything.includes('***')) masked += 1;
            for (const each of marks)
              expect(contextOf(everything, each), `${place}, ${failure}: ${contextOf(everything, each)}`).to.equal('');
          },
        ),
        { numRuns: runs },
      );
      // The secret did come by.
      expect(masked).to.be.above(runs / 5);
    } finally {
      restore();
    }
  });

  it('that never leave this machine are in no error: private keys and their passphrases', async () => {
    const { privateKey: key } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: mark },
    });
    const lines = key.split('\n').slice(1, -2);
    const server = await faultyServer({ rows: 10, plan: () => failures['a status that repeats it']!('nothing') });
    const out: unknown[] = [];
    const options = { tokenUrl: `${server.url}/token`, clientId: 'me', privateKey: key, algorithm: 'ES256' } as const;
    const attempts: (() => ClientOptions)[] = [
      () => ({ auth: oauth2JwtBearer({ ...options, passphrase: mark }) }),
      () => ({ auth: oauth2JwtBearer({ ...options, passphrase: `not ${mark}` }) }),
      () => ({ auth: oauth2JwtBearer({ ...options, privateKey: `${key.slice(0, 200)}`, passphrase: mark }) }),
      ...[mark, `not ${mark}`].map((passphrase) => () => ({
        baseUrl: server.url.replace('http:', 'https:'),
        tls: { key, cert: key, passphrase },
      })),
    ];
    try {
      for (const make of attempts) {
        try {
          const api = client({ baseUrl: server.url, ...make() });
          await lastValueFrom(api.send(api.prepare('/rows'))).finally(() => api.close());
          expect.fail('it should fail');
        } catch (error) {
          out.push(error);
        }
      }
    } finally {
      await server.close();
    }
    expect(out.every((each) => each instanceof SluiceError)).to.equal(true);
    const everything = await collect(out, folder);
    for (const each of [...marks, ...lines]) expect(contextOf(everything, each)).to.equal('');
  });
});

/** Under which names the link to the next page repeats the secret: nobody can know one that a server moves to another place. */
function echoedOf(place: string): readonly string[] {
  if (/^(field|named|further)/.test(place)) return [];
  return place.startsWith('param') ? ['access_token'] : ['own', 'access_token'];
}

/** Keeps what is printed meanwhile. Returns what puts an end to it. */
function listen(printed: string[]): () => void {
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  for (const [index, stream] of streams.entries()) {
    stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
      printed.push(String(chunk));
      return (writes[index] as (...all: unknown[]) => boolean).call(stream, chunk, ...rest);
    }) as typeof stream.write;
  }
  return () => {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] as typeof stream.write;
  };
}
