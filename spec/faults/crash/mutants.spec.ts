// What `npm run test:mutations` takes out is still there: a change of the sources must not leave one of them behind unnoticed.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { mutants } from './mutants.js';

const root = new URL('../../../', import.meta.url);

describe('the ways in which the sources are broken to see whether the crash suite notices', () => {
  for (const { name, file, find, replace } of mutants) {
    it(`stand once in the sources: ${name}`, async () => {
      const source = await readFile(fileURLToPath(new URL(file, root)), 'utf8');
      expect(source.split(find)).to.have.length(2);
      expect(replace).to.not.equal(find);
    });
  }
});
