import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { problemsOf } from './problems.js';

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
