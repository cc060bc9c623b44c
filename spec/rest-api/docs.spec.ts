import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { configJsonSchema } from '../../lib/rest-api/index.js';
import { problemsOf } from './problems.js';

describe('docs/rest-api.schema.json', () => {
  it('is what the program says: write it anew with `sluice json-schema` when this fails', () => {
    const text = readFileSync(new URL('../../docs/rest-api.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(configJsonSchema())));
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
