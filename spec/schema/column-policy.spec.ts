// Names, nesting and declared types together, down to what DuckDB reads.
import { expect } from 'chai';
import fc from 'fast-check';
import { OptionError } from '../../lib/core/index.js';
import {
  type ColumnOptions,
  columnPolicy,
  type DataType,
  displayType,
  resolve,
  SchemaError,
} from '../../lib/schema/index.js';
import { snakeCase } from '../../lib/schema/snake-case.js';
import { LogReader } from './log-reader.js';
import { rows } from './values.js';

describe('snakeCase', () => {
  const cases: Readonly<Record<string, string>> = {
    userName: 'user_name',
    '123BaNaNa': '_123_ba_na_na',
    BANANA: 'banana',
    BAN_ANA: 'ban_ana',
    HTTPServer: 'http_server',
    'a-b c.d': 'a_b_c_d',
    '  padded ': 'padded',
    'c++': 'cxx',
    '@id': 'aid',
    'a|b*': 'albx',
    trailing_: 'trailingx',
    trailing__: 'trailingxx',
    a__b: 'a_b',
    naïve: 'na_ve',
    already_snake: 'already_snake',
    v2Beta: 'v2_beta',
    _id: '_id',
    '': '',
  };
  for (const [key, name] of Object.entries(cases))
    it(`"${key}" -> "${name}"`, () => expect(snakeCase(key)).to.equal(name));

  it('names what it has named already the same', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        const name = snakeCase(key);
        expect(snakeCase(name)).to.equal(name);
        expect(name).to.match(/^([a-z_]([a-z0-9_]*[a-z0-9])?)?$/);
      }),
    );
  });
});

describe('columnPolicy', () => {
  let reader: LogReader;
  before(async () => {
    reader = await LogReader.open();
  });
  after(() => reader.close());

  async function load(options: ColumnOptions, list: readonly unknown[]) {
    const policy = columnPolicy(options);
    const encoder = policy.encoder({ table: 't' });
    const encoded = encoder.encode(list, { page: 0 });
    const schema = resolve(encoder.shape, policy.resolve);
    return {
      types: schema.columns.map(({ name, type }) => `${name} ${displayType(type)}`),
      rows: await reader.read(encoded, schema),
    };
  }

  it('names columns and fields in snake_case', async () => {
    const row = { userId: 1, 'Owner-Info': { firstName: 'A', tags: [{ tagName: 'x' }] } };
    expect(await load({ naming: 'snake_case' }, [row])).to.deep.equal({
      types: ['user_id BIGINT', 'owner_info STRUCT(first_name VARCHAR, tags STRUCT(tag_name VARCHAR)[])'],
      rows: [{ user_id: '1', owner_info: { first_name: 'A', tags: [{ tag_name: 'x' }] } }],
    });
  });

  it('takes two keys that become one name for an error, or gives the later one a number', async () => {
    const list = [{ userName: 1 }, { user_name: 2 }];
    const error = await load({ naming: 'snake_case' }, list).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error)
      .to.be.instanceOf(SchemaError)
      .with.property('message')
      .that.contains('"userName"')
      .and.contains('"user_name"');
    const { rows: read } = await load({ naming: 'snake_case', collisions: 'suffix' }, list);
    expect(read).to.deep.equal([
      { user_name: '1', user_name_2: null },
      { user_name: null, user_name_2: '2' },
    ]);
    expect(
      await load({ naming: 'snake_case' }, [{ o: { aB: 1, a_b: 2 } }]).catch((thrown: SchemaError) => thrown.code),
    ).to.equal('ERR_COLUMN_COLLISION');
  });

  it('lays objects flat, and keeps lists', async () => {
    const list = [
      { id: 1, owner: { id: 2, home: { city: 'X' } }, tags: [{ a: 1 }], none: {} },
      { id: 2, owner: 'nobody' },
    ];
    expect(await load({ nesting: 'flatten' }, list)).to.deep.equal({
      types: [
        'id BIGINT',
        'owner__id BIGINT',
        'owner__home__city VARCHAR',
        'tags STRUCT(a BIGINT)[]',
        'none JSON',
        'owner VARCHAR',
      ],
      rows: [
        { id: '1', owner__id: '2', owner__home__city: 'X', tags: [{ a: '1' }], none: '{}', owner: null },
        { id: '2', owner__id: null, owner__home__city: null, tags: null, none: null, owner: 'nobody' },
      ],
    });
    const snake = await load({ nesting: 'flatten', naming: 'snake_case' }, [{ theOwner: { firstName: 'A' } }]);
    expect(snake.types).to.deep.equal(['the_owner__first_name VARCHAR']);
    expect(
      await load({ nesting: 'flatten' }, [{ a__b: 1, a: { b: 2 } }]).catch((thrown: SchemaError) => thrown.code),
    ).to.equal('ERR_COLUMN_COLLISION');
  });

  it('keeps lists and objects as JSON', async () => {
    expect(await load({ nesting: 'json' }, [{ id: 1, o: { a: [1.5] }, l: [{}] }])).to.deep.equal({
      types: ['id BIGINT', 'o JSON', 'l JSON'],
      rows: [{ id: '1', o: '{"a":[1.5]}', l: '[{}]' }],
    });
  });

  it('leaves dates, times and timestamps text on request', async () => {
    const row = { at: '2024-01-01T10:00:00+02:00', day: '2024-01-01', o: [{ time: '10:00:00' }] };
    expect((await load({ keepAsText: ['date', 'time'] }, [row])).types).to.deep.equal([
      'at TIMESTAMP WITH TIME ZONE',
      'day VARCHAR',
      'o STRUCT("time" VARCHAR)[]'.replaceAll('"', ''),
    ]);
    expect((await load({ keepAsText: ['timestamp', 'date', 'time'] }, [row])).rows).to.deep.equal([row]);
    expect((await load({ keepAsText: ['date'], columns: { day: { data_type: 'date' } } }, [row])).types[1]).to.equal(
      'day DATE',
    );
  });

  it('finds declared columns by their key or by their name', async () => {
    for (const name of ['userId', 'user_id']) {
      const { types } = await load({ naming: 'snake_case', columns: { [name]: { data_type: 'text' } } }, [
        { userId: 1 },
      ]);
      expect(types).to.deep.equal(['user_id VARCHAR']);
    }
  });

  it('reads whatever comes, whatever was declared: DuckDB never fails, and what fits has its type', async () => {
    const types: DataType[] = [
      'text',
      'double',
      'bool',
      'timestamp',
      'date',
      'time',
      'bigint',
      'binary',
      'json',
      'decimal',
      'wei',
    ];
    const declared = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'id', 'x.y', 'é'), fc.constantFrom(...types));
    const contract = fc.constantFrom('evolve', 'discard_row', 'discard_value');
    await fc.assert(
      fc.asyncProperty(declared, contract, rows, async (kinds, schemaContract, list) => {
        const columns = Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { data_type: type }]));
        const policy = columnPolicy({ columns, schemaContract: { data_type: schemaContract as 'evolve' } });
        const encoder = policy.encoder({ table: 't' });
        const encoded = encoder.encode(list, { page: 0 });
        const schema = resolve(encoder.shape, policy.resolve);
        expect(encoded.rows + encoded.discarded.length).to.equal(list.length);
        if (schemaContract !== 'evolve') {
          for (const { name, type } of policy.hints)
            expect(schema.columns.find((column) => column.name === name)?.type).to.deep.equal(type);
        }
        if (schema.columns.length > 0) expect(await reader.read(encoded, schema)).to.have.lengthOf(encoded.rows);
      }),
      { numRuns: 200 },
    );
  }).timeout(20_000 + 200 * 1_000);

  it('refuses options that do not exist', () => {
    for (const options of [
      { naming: 'camel' },
      { nesting: 'deep' },
      { collisions: 'merge' },
      { keepAsText: ['year'] },
    ]) {
      expect(() => columnPolicy(options as ColumnOptions)).to.throw(OptionError);
    }
  });
});
