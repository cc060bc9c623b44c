import { expect } from 'chai';
import fc from 'fast-check';
import { fieldName } from '../../lib/rest-api/plan/fields.js';
import { PathFault, pathValue } from '../../lib/rest-api/plan/path-value.js';
import { checkFormat, FormatFault, pythonFormat } from '../../lib/rest-api/plan/python-format.js';
import { pythonRepr, pythonText } from '../../lib/rest-api/plan/python-text.js';
import { renderText, renderValue } from '../../lib/rest-api/plan/render.js';
import { parseTemplate, TemplateFault } from '../../lib/rest-api/plan/template.js';

/** Value, specification, and what Python makes of them; null where Python refuses. */
const formats: readonly (readonly [unknown, string, string | null])[] = [
  [42, '', '42'],
  [42, '5', '   42'],
  [42, '<5', '42   '],
  [42, '>5', '   42'],
  [42, '^5', ' 42  '],
  [42, '05', '00042'],
  [42, '+d', '+42'],
  [42, 'x', '2a'],
  [42, '#x', '0x2a'],
  [42, 'X', '2A'],
  [42, 'b', '101010'],
  [42, '#o', '0o52'],
  [42, ',', '42'],
  [42, '08,d', '0,000,042'],
  [42, 'e', '4.200000e+01'],
  [42, '.2f', '42.00'],
  [42, '%', '4200.000000%'],
  [42, '*^9', '***42****'],
  [42, '=+6', '+   42'],
  [42, 'c', '*'],
  [42, '_', '42'],
  [42, 'n', '42'],
  [42, 'g', '42'],
  [6.28125, '', '6.28125'],
  [6.28125, '.2f', '6.28'],
  [6.28125, '8.3f', '   6.281'],
  [6.28125, 'e', '6.281250e+00'],
  [6.28125, '.3', '6.28'],
  [6.28125, 'g', '6.28125'],
  [6.28125, '010.2f', '0000006.28'],
  [6.28125, '+.1f', '+6.3'],
  [6.28125, '.0%', '628%'],
  [6.28125, 'G', '6.28125'],
  [6.28125, ',.2f', '6.28'],
  [1234567, ',', '1,234,567'],
  [1234567, '_', '1_234_567'],
  [1234567, ',.2f', '1,234,567.00'],
  [1234567, '>12,', '   1,234,567'],
  [1234567, '.3g', '1.23e+06'],
  [-7, '05', '-0007'],
  [-7, '=5', '-   7'],
  [-7, 'd', '-7'],
  [-7, '+', '-7'],
  [-7, '^6', '  -7  '],
  [-7, 'x', '-7'],
  [-7, ' d', '-7'],
  ['abc', '', 'abc'],
  ['abc', '5', 'abc  '],
  ['abc', '>5', '  abc'],
  ['abc', '^6', ' abc  '],
  ['abc', '*<6', 'abc***'],
  ['abc', '.2', 'ab'],
  ['abc', 's', 'abc'],
  ['abc', '6.2', 'ab    '],
  [true, '', 'True'],
  [true, 'd', '1'],
  [true, '5', '    1'],
  [0.5, '', '0.5'],
  [0.5, '%', '50.000000%'],
  [0.5, '.1e', '5.0e-01'],
  [1e21, '', '1e+21'],
  [1e21, 'g', '1e+21'],
  [1e21, '.3f', '1000000000000000000000.000'],
  [12345.678, '.2e', '1.23e+04'],
  [12345.678, '012,.1f', '00,012,345.7'],
  [12345.678, 'g', '12345.7'],
];

/** Value, `str` and `repr` of it in Python. */
const texts: readonly (readonly [unknown, string, string])[] = [
  [null, 'None', 'None'],
  [true, 'True', 'True'],
  [false, 'False', 'False'],
  [1, '1', '1'],
  [1.5, '1.5', '1.5'],
  ['a', 'a', "'a'"],
  ["it's", "it's", '"it\'s"'],
  ['say "x"', 'say "x"', '\'say "x"\''],
  ['both \' "', 'both \' "', "'both \\' \"'"],
  ['a\nb\\c', 'a\nb\\c', "'a\\nb\\\\c'"],
  [[1, 'a', null, [true]], "[1, 'a', None, [True]]", "[1, 'a', None, [True]]"],
  [{ k: 'v', n: { x: 1 } }, "{'k': 'v', 'n': {'x': 1}}", "{'k': 'v', 'n': {'x': 1}}"],
  [[], '[]', '[]'],
  [{}, '{}', '{}'],
];

describe('templates', () => {
  it('are read as Python reads them', () => {
    expect(parseTemplate('a{{b}}{c}{d!r:>5}{e[x:y]:{z}}')).to.deep.equal([
      { kind: 'text', text: 'a{b}' },
      { kind: 'field', field: 'c', conversion: '', spec: '' },
      { kind: 'field', field: 'd', conversion: 'r', spec: '>5' },
      { kind: 'field', field: 'e[x:y]', conversion: '', spec: '{z}' },
    ]);
  });

  it('with a brace that has no partner are refused', () => {
    for (const wrong of ['{', '}', 'a {b', 'a} b', '{a}}'])
      expect(() => parseTemplate(wrong), wrong).to.throw(TemplateFault);
  });

  it('keep any text whose braces are doubled', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = text.replaceAll('{', '{{').replaceAll('}', '}}');
        expect(renderText(escaped, () => undefined)).to.equal(text);
      }),
    );
  });

  it('that are one placeholder keep the type of the value, at any depth', () => {
    const values: Record<string, unknown> = { n: 42, l: [1], o: { a: null }, t: 'x' };
    const rendered = renderValue(
      { n: '{n}', deep: [{ l: '{l}' }, '{o}'], text: 'n={n}', '{t}': true },
      (field) => values[field],
    );
    expect(rendered).to.deep.equal({ n: 42, deep: [{ l: [1] }, { a: null }], text: 'n=42', x: true });
  });

  it('name fields of parents, of the cursor, and others', () => {
    expect(fieldName('resources.posts.author.id')).to.deep.equal({
      kind: 'parent',
      resource: 'posts',
      path: 'author.id',
    });
    expect(fieldName("resources.posts['a.b'][0]")).to.deep.equal({
      kind: 'parent',
      resource: 'posts',
      path: "['a.b'][0]",
    });
    expect(fieldName('incremental.start_value')).to.deep.equal({ kind: 'incremental', value: 'start_value' });
    expect(fieldName('org')).to.deep.equal({ kind: 'name', name: 'org' });
  });
});

describe('values in texts', () => {
  for (const [value, text, repr] of texts) {
    it(`${JSON.stringify(value)} is ${repr} in Python`, () => {
      expect([pythonText(value), pythonRepr(value)]).to.deep.equal([text, repr]);
    });
  }

  for (const [value, spec, text] of formats) {
    it(`format(${JSON.stringify(value)}, '${spec}') is ${text}`, () => {
      if (text === null) expect(() => pythonFormat(value, spec)).to.throw(FormatFault);
      else expect(pythonFormat(value, spec)).to.equal(text);
    });
  }

  it('refuse what is no specification', () => {
    for (const wrong of ['zz', '5x5', '.', '<<<<']) expect(() => checkFormat(wrong), wrong).to.throw(FormatFault);
  });
});

describe('values in paths', () => {
  it('never leave their segments: what the server sees has as many, and no query', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        let path: string;
        try {
          path = pathValue(value, { field: 'id' });
        } catch (error) {
          expect(error).to.be.instanceOf(PathFault);
          return;
        }
        const url = new URL(`https://example.com/a/${path}/b`);
        expect([url.origin, url.search, url.hash]).to.deep.equal(['https://example.com', '', '']);
        expect(url.pathname.startsWith('/a/') && url.pathname.endsWith('/b')).to.equal(true);
        expect(url.pathname.split('/')).to.have.length(value.split('/').length + 3);
      }),
    );
  });

  it('are one segment when all of them is to be encoded', () => {
    expect(pathValue('a/b', { field: 'id', whole: true })).to.equal('a%2Fb');
  });
});
