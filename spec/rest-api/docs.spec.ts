import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as z from 'zod';
import { configJsonSchema } from '../../lib/rest-api/index.js';
import { problemsOf } from './problems.js';

describe('docs/rest-api.schema.json', () => {
  it('is what the program says: write it anew with `sluice json-schema` when this fails', () => {
    const text = readFileSync(new URL('../../docs/rest-api.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(configJsonSchema())));
  });
});

describe('the schema for editors', () => {
  const golden = new URL('../golden/', import.meta.url);
  const schema = z.fromJSONSchema(configJsonSchema());
  const cases = readdirSync(golden)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, ...JSON.parse(readFileSync(new URL(name, golden), 'utf8')) }))
    .filter(({ config }) => config !== undefined);
  const accepted = (name: string) =>
    schema.safeParse(cases.find((each) => each.name === `${name}.json`).config).success;

  it('accepts each configuration that runs', () => {
    const running = cases.filter(({ error, problems }) => problems === undefined && error?.code !== 'ERR_CONFIG');
    expect(running.length).to.be.greaterThan(150);
    expect(running.filter(({ config }) => !schema.safeParse(config).success).map(({ name }) => name)).to.deep.equal([]);
  });

  it('refuses names and options that are mistyped', () => {
    for (const name of ['paginator-unknown', 'paginator-option-unknown', 'auth-unknown'])
      expect(accepted(name), name).to.equal(false);
  });
});

describe('docs/configuration.md', () => {
  const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);

  it('has configurations', () => {
    expect(blocks.length).to.be.greaterThan(1);
  });

  for (const [index, block] of blocks.entries()) {
    it(`has a configuration that is in order: block ${index + 1}`, () => {
      expect(problemsOf(JSON.parse(block), { API_KEY: 'k' })).to.deep.equal([]);
    });
  }
});
