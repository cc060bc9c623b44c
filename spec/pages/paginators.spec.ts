// Every paginator against an API of its kind: all records once and in order, the requests it makes, and the same rest of
// the walk from every position that it gave out. The first request of each is also given to auto.
import { expect } from 'chai';
import { type Json, type Page, withFlow } from '../../lib/core/index.js';
import { auto, pages } from '../../lib/pages/index.js';
import { all, query } from './api-style.js';
import { apisWithLinks } from './apis-with-links.js';
import { apisWithNumbers } from './apis-with-numbers.js';
import { collect, fakeApi, fakeFlow } from './fake-api.js';

const listIn = (value: unknown): { id: number }[] => {
  if (Array.isArray(value)) return value as { id: number }[];
  if (typeof value !== 'object' || value === null) return [];
  return (
    Object.values(value)
      .map(listIn)
      .find((list) => list.length > 0) ?? []
  );
};
const idsOf = (seen: readonly Page[]) => seen.flatMap(({ body }) => listIn(body).map(({ id }) => id));
const everyId = all.map(({ id }) => id);

describe('paginators', () => {
  for (const { name, paginator, init = '/a', answer, requests, auto: detected } of [
    ...apisWithLinks,
    ...apisWithNumbers,
  ]) {
    const api = () => fakeApi((request) => answer(request, query(request)));

    it(`${paginator.name} walks by ${name}`, () => {
      const client = api();
      const seen = collect(pages(client, init, paginator));
      expect(seen.error).to.equal(undefined);
      expect(idsOf(seen.values)).to.deep.equal(everyId);
      expect(client.requests).to.have.length(requests);
    });

    it(`${paginator.name} goes on from each of its positions, by ${name}`, () => {
      const walked = collect(pages(api(), init, paginator)).values;
      for (const [index, { position }] of walked.entries()) {
        const saved = JSON.parse(JSON.stringify(position)) as { walk: string; page: number; next: Json };
        const rest = withFlow(fakeFlow({ saved: [saved] }), () => collect(pages(api(), init, paginator)));
        expect(idsOf(rest.values)).to.deep.equal(idsOf(walked.slice(index + 1)));
        expect(rest.completed).to.equal(true);
      }
    });

    if (detected !== undefined) {
      it(`auto finds ${paginator.name} by ${name}, and says so`, () => {
        const client = api();
        const flow = fakeFlow();
        const seen = withFlow(flow, () => collect(pages(client, init, auto())));
        expect(seen.error).to.equal(undefined);
        expect(idsOf(seen.values)).to.deep.equal(everyId);
        expect(client.requests).to.have.length(detected);
        expect(flow.notes[0]).to.include(`paginator ${paginator.name}`);
        expect(seen.values.map(({ position }) => position.page)).to.deep.equal(seen.values.map((_, index) => index));
      });

      it(`auto goes on from each of its positions, by ${name}`, () => {
        const walked = collect(pages(api(), init, auto())).values;
        for (const [index, { position }] of walked.entries()) {
          const saved = JSON.parse(JSON.stringify(position)) as { walk: string; page: number; next: Json };
          const rest = withFlow(fakeFlow({ saved: [saved] }), () => collect(pages(api(), init, auto())));
          expect(idsOf(rest.values)).to.deep.equal(idsOf(walked.slice(index + 1)));
        }
      });
    }
  }
});
