import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError } from '../../lib/rest-api/check/problem.js';
import { readJson, SyntaxFault } from '../../lib/rest-api/read/json.js';
import { readConfig } from '../../lib/rest-api/read/read-config.js';

describe('readJson', () => {
  it('reads whatever JSON.parse reads, as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2), (text, indent) => {
        const written = JSON.stringify(JSON.parse(text), null, indent);
        expect(readJson(written).value).to.deep.equal(JSON.parse(written));
      }),
    );
  });

  it('refuses whatever JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 2 }),
        fc.nat(),
        fc.constantFrom('', ',', '}', '"', 'x', '\n'),
        (text, at, sign) => {
          const cut = at % (text.length + 1);
          const broken = text.slice(0, cut) + sign + text.slice(cut + 1);
          let valid = true;
          try {
            JSON.parse(broken);
          } catch {
            valid = false;
          }
          if (!valid) expect(() => readJson(broken)).to.throw(SyntaxFault);
        },
      ),
    );
  });

  it('knows the line and column of each key and entry', () => {
    const { places } = readJson('{\n  "a": {\n    "b": [1,\n 2]\n  }\n}');
    expect(places.find(['a', 'b'])).to.deep.equal({ line: 3, column: 5 });
    expect(places.find(['a', 'b', 1])).to.deep.equal({ line: 4, column: 2 });
    expect(places.find(['a', 'missing'])).to.deep.equal({ line: 2, column: 3 });
  });

  it('refuses a key that is there twice', () => {
    expect(() => readJson('{"a": 1, "a": 2}')).to.throw(SyntaxFault, 'twice');
  });
});

describe('readConfig', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-config-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('says where the JSON is wrong', async () => {
    const file = join(folder, 'a.json');
    await writeFile(file, '{\n  "client": {},\n}');
    const error = await readConfig(file).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(ConfigError);
    expect((error as ConfigError).problems[0]?.place).to.deep.equal({ file, line: 3, column: 1 });
  });

  it('says that a file is not there', async () => {
    const error = await readConfig(join(folder, 'none.json')).catch((caught: unknown) => caught);
    expect((error as ConfigError).message).to.contain('there is no file');
  });
});
