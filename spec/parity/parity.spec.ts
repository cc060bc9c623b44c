// Every golden configuration, read by Sluice and by dlt: the same rows and requests, but for the differences that are named.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { type GoldenCase, goldenCases, plain, read, startCase } from '../golden/golden-case.js';
import { type Outcome, readWithDlt } from './dlt.js';

/**
 * What of a case may differ. `refused`: dlt raises an exception where Sluice gives rows. `accepted`: dlt gives rows where Sluice has an
 * error. `when`: both have an error, one of them before the first request. `endless`: dlt asks for ever where Sluice has an error. `rows`, `requests`, `bodies`, `headers`: both give rows, and these are not the same.
 */
type Aspect = 'endless' | 'when' | 'refused' | 'accepted' | 'rows' | 'requests' | 'bodies' | 'headers';

interface Difference {
  readonly differs: readonly Aspect[];
  /** Whether the configuration says what dlt's cannot say. */
  readonly beyond?: true;
  /** A part of dlt's exception, so that it is refused for this reason and for no other. */
  readonly dlt?: string;
  readonly reason: string;
}

const differences = JSON.parse(readFileSync(new URL('differences.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Difference>
>;

describe('parity with dlt', () => {
  let byDlt: Map<string, Outcome>;

  before(async () => {
    byDlt = await readWithDlt(goldenCases);
  });

  it('each named difference belongs to a case and has its reason', () => {
    expect([...goldenCases.keys()]).to.include.members(Object.keys(differences));
    for (const [name, { reason, differs, dlt }] of Object.entries(differences)) {
      expect(reason.length, name).to.be.greaterThan(20);
      expect(differs, name).to.not.have.length(0);
      if (differs.includes('refused')) expect(dlt, `dlt's words about ${name}`).to.be.a('string').that.is.not.empty;
    }
  });

  for (const [name, text] of goldenCases) {
    const named = differences[name];
    it(named ? `${name} differs: ${named.reason}` : `${name} is the same`, async () => {
      const theirs = byDlt.get(name)!;
      const { found, said } = await compare(text, theirs);
      expect(found, said).to.have.members([...(named?.differs ?? [])]);
      if (named?.dlt !== undefined) expect(theirs.error).to.contain(named.dlt);
    });
  }
});

/** What differs, and in words what was found. */
async function compare(text: string, theirs: Outcome): Promise<{ found: Aspect[]; said: string }> {
  const { api, golden } = await startCase(text);
  try {
    const ours = await read(golden);
    const said = `dlt: ${theirs.error ?? JSON.stringify(theirs.rows)}\nSluice: ${ours.error?.message ?? JSON.stringify(plain(ours.rows))}`;
    if (ours.error && theirs.error) {
      if (theirs.error.startsWith('EndlessWalk') || theirs.error.includes('\nEndlessWalk'))
        return { found: ['endless'], said };
      return { found: api.asked.length > 0 === theirs.asked.length > 0 ? [] : ['when'], said };
    }
    if (theirs.error) return { found: ['refused'], said };
    if (ours.error) return { found: ['accepted'], said };
    const pairs: Record<string, readonly [unknown, unknown]> = {
      rows: [ordered(golden, plain(ours.rows)), ordered(golden, theirs.rows)],
      requests: [lines(golden, api.asked), lines(golden, theirs.asked)],
      bodies: [bodies(golden, api.asked), bodies(golden, theirs.asked)],
      headers: [headers(golden, api.asked), headers(golden, theirs.asked)],
    };
    const different = Object.entries(pairs).filter(([, [one, other]]) => !isDeepStrictEqual(one, other));
    return {
      found: different.map(([aspect]) => aspect as Aspect),
      said: different
        .map(([aspect, pair]) => `${aspect}: ${pair.map((each) => JSON.stringify(each)).join('\n  dlt: ')}`)
        .join('\n'),
    };
  } finally {
    await api.stop();
  }
}

function ordered({ anyOrder }: GoldenCase, rows: unknown): unknown {
  if (!anyOrder) return rows;
  return Object.fromEntries(
    Object.entries(rows as Record<string, unknown[]>).map(([name, list]) => [name, sorted(list)]),
  );
}

function lines({ anyOrder }: GoldenCase, asked: Outcome['asked']): unknown {
  const all = asked.map(({ line }) => line);
  return anyOrder ? sorted(all) : all;
}

function bodies({ anyOrder }: GoldenCase, asked: Outcome['asked']): unknown {
  const all = asked.flatMap(({ body }) => (body === undefined ? [] : [body]));
  return anyOrder ? sorted(all) : all;
}

/** Those headers that the case is about, of each request. */
function headers(golden: GoldenCase, asked: Outcome['asked']): unknown {
  const names = Object.keys(golden.headers ?? {}).map((name) => name.toLowerCase());
  if (names.length === 0) return [];
  const all = asked.map((each) => names.map((name) => each.headers[name] ?? null));
  return golden.anyOrder ? sorted(all) : all;
}

function sorted(list: readonly unknown[]): unknown[] {
  return [...list].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
