import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError } from '../../lib/rest-api/check/problem.js';
import { readJson } from '../../lib/rest-api/read/json.js';
import { readConfig } from '../../lib/rest-api/read/read-config.js';
import { SyntaxFault } from '../../lib/rest-api/read/syntax-fault.js';
import { readToml } from '../../lib/rest-api/read/toml.js';
import { readYaml } from '../../lib/rest-api/read/yaml.js';

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

describe('readYaml', () => {
  const text = [
    '# a comment',
    'client: &client',
    '  base_url: https://x',
    'resources:',
    '  - a',
    '  - name: b',
    '    endpoint: { path: /b }',
    'copy:',
    '  <<: *client',
  ].join('\n');

  it('reads lists, flow style, anchors and merges', async () => {
    expect(readYaml(text).value).to.deep.equal({
      client: { base_url: 'https://x' },
      resources: ['a', { name: 'b', endpoint: { path: '/b' } }],
      copy: { base_url: 'https://x' },
    });
  });

  it('knows the line and column of each key and entry', async () => {
    const { places } = readYaml(text);
    expect(places.find(['client', 'base_url'])).to.deep.equal({ line: 3, column: 3 });
    expect(places.find(['resources', 0])).to.deep.equal({ line: 5, column: 5 });
    expect(places.find(['resources', 1, 'endpoint', 'path'])).to.deep.equal({ line: 7, column: 17 });
  });

  it('says where the text is wrong', () => {
    expect(() => readYaml('a: 1\na: 2'))
      .to.throw(SyntaxFault)
      .with.property('line', 2);
  });

  it('refuses aliases of aliases that come to far too much, and aliases of nothing', () => {
    const lists = [...'abcdefgh'].map((name, index, all) => {
      const before = index === 0 ? 'x' : `*${all[index - 1]}`;
      return `${name}: &${name} [${Array(10).fill(before).join(', ')}]`;
    });
    expect(() => readYaml([...lists, 'resources: *h'].join('\n'))).to.throw(SyntaxFault, /aliases cannot be followed/);
    expect(() => readYaml('a: *nothing')).to.throw(SyntaxFault);
  });
});

describe('readToml', () => {
  const text = [
    'title = """',
    '[not.a.table]',
    '"""',
    '[client]',
    '  base_url = "https://x"',
    'auth.type = "bearer"',
    '[[resources]]',
    'name = "a"',
    '[[resources]]',
    'name = "b"',
    '[resources.endpoint]',
    'params = { since = 2024-01-01 }',
  ].join('\n');

  it('reads tables and lists of tables, and dates as text', () => {
    const { value } = readToml(text);
    expect(value).to.have.nested.property('resources[1].endpoint.params.since', '2024-01-01');
    expect(value).to.have.nested.property('client.auth.type', 'bearer');
  });

  it('knows the line and column of each key', () => {
    const { places } = readToml(text);
    expect(places.find(['client', 'base_url'])).to.deep.equal({ line: 5, column: 3 });
    expect(places.find(['client', 'auth', 'type'])).to.deep.equal({ line: 6, column: 1 });
    expect(places.find(['resources', 1])).to.deep.equal({ line: 9, column: 1 });
    expect(places.find(['resources', 1, 'endpoint', 'params', 'since'])).to.deep.equal({ line: 12, column: 1 });
  });

  it('says where the text is wrong, and does not quote it', () => {
    const wrong = () => readToml('a = 1\nkey = "s3cret');
    expect(wrong).to.throw(SyntaxFault).with.property('line', 2);
    expect(wrong).to.throw(SyntaxFault).with.property('message').that.does.not.contain('s3cret');
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

  it('gives the same for the same configuration in every language', async () => {
    const config = { client: { base_url: 'https://x' }, resources: ['a'] };
    const json = JSON.stringify(config);
    const texts = {
      'a.json': json,
      'a.yaml': 'client:\n  base_url: https://x\nresources: [a]\n',
      'a.toml': 'resources = ["a"]\n[client]\nbase_url = "https://x"\n',
      'a.mjs': `export default ${json};`,
      'b.mjs': `export default async () => (${json});`,
      'a.ts': `const config: { client: object } = ${json};\nexport default config;`,
    };
    for (const [name, text] of Object.entries(texts)) {
      await writeFile(join(folder, name), text);
      const { config: read, folder: beside } = await readConfig(join(folder, name));
      expect(read, name).to.deep.equal(config);
      expect(beside).to.equal(folder);
    }
  });

  it('says that a module has no default export', async () => {
    await writeFile(join(folder, 'c.mjs'), 'export const config = {};');
    const error = await readConfig(join(folder, 'c.mjs')).catch((caught: unknown) => caught);
    expect((error as ConfigError).message).to.contain('default export');
  });

  it('refuses a file of another ending', async () => {
    const error = await readConfig(join(folder, 'a.xml')).catch((caught: unknown) => caught);
    expect((error as ConfigError).message)
      .to.contain('.json')
      .and.contain('.yaml');
  });

  it('says that a file is not there', async () => {
    const error = await readConfig(join(folder, 'none.json')).catch((caught: unknown) => caught);
    expect((error as ConfigError).message).to.contain('there is no file');
  });
});
