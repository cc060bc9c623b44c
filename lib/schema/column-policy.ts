// All that a user can say about the columns of a table, read once and handed to those who apply it.
import { checkNames, OptionError } from '../core/index.js';
import { ChildTables, type KnownChild, links, rootPlace } from './child-tables.js';
import { ClosedTableEncoder } from './closed-table.js';
import type { ColumnHint } from './column-hint.js';
import { type ColumnsOption, columnHints, declaresRows } from './column-hints.js';
import { type ContractModes, type ContractOption, contractModes, frozenTable, RowContract } from './contract.js';
import { RowEncoder, type TableEncoder } from './encode.js';
import { type MetadataColumnsOption, type MetadataPolicy, metadataPolicy } from './metadata-columns.js';
import { type CollisionPolicy, columnName, takenName } from './names.js';
import { NestedEncoder, type RowIdentity } from './nested-encoder.js';
import { type DeclaredColumn, keptAsText, type ResolveOptions, resolve } from './resolve.js';
import { pathSeparator } from './rewrite.js';
import { Shape, type ShapeOptions } from './shape.js';
import { snakeCase } from './snake-case.js';
import { holds } from './sql.js';
import type { TemporalKind } from './temporal.js';
import type { ColumnType } from './type.js';
import type { UnnestOptions } from './unnest.js';
import { type ValuePaths, valuePaths } from './value-path.js';

export interface ColumnOptions {
  /** Declared columns: they win over what is found in the rows. @default none */
  readonly columns?: ColumnsOption;
  /** What happens to new columns, and to values that do not fit. @default 'evolve' */
  readonly schemaContract?: ContractOption;
  /** How keys become names. `snake_case` follows dlt's rules, also within objects. @default 'keep' */
  readonly naming?: 'keep' | 'snake_case';
  /** What happens when two keys become one name. @default 'suffix' for `keep`, 'error' for `snake_case` */
  readonly collisions?: CollisionPolicy;
  /**
   * `native`: objects and lists are types of their own. `json`: they are JSON. `flatten`: objects become columns `a__b`, and lists are kept.
   * `tables`: objects become columns `a__b`, and lists child tables `<table>__<list>`, whose rows have dlt's keys to their parents.
   * @default 'native', or 'tables' where `maxTableNesting` or `nestedHints` is given
   */
  readonly nesting?: 'native' | 'json' | 'flatten' | 'tables';
  /** How many levels of objects and lists `nesting: 'tables'` takes apart; what lies deeper is JSON. At least 0. @default 1000 */
  readonly maxTableNesting?: number;
  /** What is said of child tables, by the path of their lists: `lines`, `lines__tags`. @default nothing */
  readonly nestedHints?: Readonly<Record<string, NestedHints>>;
  /** Columns that say where each row came from: `true` for all of them. They do not count when rows are compared. @default none */
  readonly metadataColumns?: MetadataColumnsOption;
  /** Texts that look like these stay text. @default `['time']`, since Spark opens no file with a TIME */
  readonly keepAsText?: readonly TemporalKind[];
}

/** What is said of a child table. */
export interface NestedHints {
  /** @default none */
  readonly columns?: ColumnsOption;
  /** @default the table's */
  readonly schemaContract?: ContractOption;
}

/** What was decided about a table's columns before its first row. */
export interface ColumnPolicy {
  readonly hints: readonly ColumnHint[];
  readonly contract: ContractModes;
  /** For every shape of the table. */
  readonly shape: ShapeOptions;
  /** For `resolve`. */
  readonly resolve: ResolveOptions;
  /** Where the value of a name is that another option gives. */
  pathsOf(name: string): ValuePaths;
  /** Whether lists become child tables. */
  readonly hasChildren: boolean;
  /** The policy of a child table. */
  child(path: string): ColumnPolicy;
  /** Columns that are added to the rows, and do not count when they are compared. */
  readonly metadata: MetadataPolicy;
  /**
   * What takes in the rows of one run.
   * @throws SchemaError `ERR_SCHEMA_CONTRACT` for a new table that the contract does not allow, `ERR_COLUMN_COLLISION` for a column of an added one's name
   */
  encoder(options: PolicyEncoderOptions): TableEncoder;
}

export interface PolicyEncoderOptions {
  readonly table: string;
  readonly keys?: readonly string[];
  /** What was seen in the table that is added to, or in the part of this run that was cut short. @default nothing */
  readonly shape?: Shape;
  /** Whether the shape is that of a table that exists. @default whether a shape is given */
  readonly exists?: boolean;
  /** Whether the table may be made although the contract allows no new ones. @default whether it exists */
  readonly open?: boolean;
  /** Columns of the table whose types are not those of what was seen in them. @default none */
  readonly inherited?: readonly DeclaredColumn[];
  /** The child tables of earlier runs, or of the part of this one that was cut short. @default none */
  readonly children?: readonly KnownChild[];
  /** The key that ids are made of. @default the keys */
  readonly idKeys?: readonly string[];
  /** What the ids of rows with child tables are made of. @default `key` with a key, else `place` */
  readonly identity?: RowIdentity;
  /** Makes the ids of rows that are known by their place differ from those of other loads. @default nothing */
  readonly load?: string;
}

/**
 * Reads what a user says about columns.
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function columnPolicy(options: ColumnOptions = {}): ColumnPolicy {
  return policyOf(checked(options), '');
}

interface Checked extends ColumnOptions {
  readonly naming: 'keep' | 'snake_case';
  readonly nesting: NonNullable<ColumnOptions['nesting']>;
  readonly levels: number;
  readonly keepAsText: readonly TemporalKind[];
  readonly collisions: CollisionPolicy;
}

function checked(options: ColumnOptions): Checked {
  const { naming = 'keep', maxTableNesting, nestedHints, keepAsText = keptAsText } = options;
  const asTables = maxTableNesting !== undefined || nestedHints !== undefined;
  const { nesting = asTables ? 'tables' : 'native' } = options;
  oneOf('naming', naming, ['keep', 'snake_case']);
  oneOf('nesting', nesting, ['native', 'json', 'flatten', 'tables']);
  if (asTables && nesting !== 'tables') {
    const name = maxTableNesting === undefined ? 'nestedHints' : 'maxTableNesting';
    throw new OptionError(name, `is for nesting: 'tables', not '${nesting}'`);
  }
  for (const kind of keepAsText) oneOf('keepAsText', kind, ['timestamp', 'date', 'time']);
  const collisions = options.collisions ?? (naming === 'keep' ? 'suffix' : 'error');
  oneOf('collisions', collisions, ['suffix', 'error']);
  const levels = maxTableNesting ?? 1000;
  if (!(Number.isInteger(levels) && levels >= 0)) {
    throw new OptionError('maxTableNesting', `must be an integer of at least 0, not ${levels}`);
  }
  for (const [path, hints] of Object.entries(nestedHints ?? {})) {
    checkNames(hints, ['columns', 'schemaContract'], `nestedHints.${path}`);
  }
  return { ...options, naming, nesting, levels, keepAsText, collisions };
}

/** @param path The path of a child table; empty for the table itself. */
function policyOf(options: Checked, path: string): ColumnPolicy {
  const { naming, nesting, keepAsText, collisions } = options;
  const said = path === '' ? options : { schemaContract: options.schemaContract, ...options.nestedHints?.[path] };
  const place = path === '' ? '' : `nestedHints.${path}.`;
  const hasPaths = nesting === 'flatten' || nesting === 'tables';
  const name = naming === 'keep' ? undefined : hasPaths ? namePath : snakeCase;
  const nameOf = (key: string) => columnName(name ? name(key) : key);
  const hints = (said.columns ? columnHints(said.columns, `${place}columns`) : []).map((hint) => ({
    ...hint,
    name: nameOf(hint.name),
  }));
  const metadata = metadataPolicy(path === '' ? options.metadataColumns : false);
  const linked = nesting === 'tables' ? linkColumns(path) : [];
  const added = [...metadata.columns, ...linked];
  const shape: ShapeOptions = {
    collisions,
    reserved: hints.map((hint) => hint.name),
    ...(name && { naming: name }),
    // An id of its own is what a row may bring.
    forbidden: [
      ...added.map((column) => column.name).filter((each) => each !== links.id),
      ...(path === '' ? [] : [rootPlace]),
    ],
  };
  const policy: Omit<ColumnPolicy, 'encoder'> = {
    hints,
    contract: contractModes(said.schemaContract, `${place}schemaContract`),
    shape,
    resolve: {
      declared: [...hints, ...added.filter((column) => !hints.some((hint) => hint.name === column.name && hint.type))],
      keepAsText,
      nesting: nesting === 'json' || nesting === 'tables' ? 'json' : 'native',
    },
    // Where lists become tables, objects are laid flat.
    pathsOf: (key) => valuePaths(key, { flatten: hasPaths, ...(naming === 'snake_case' && { naming: snakeCase }) }),
    hasChildren: nesting === 'tables' && path === '',
    metadata,
    child: (below) => policyOf(options, below),
  };
  const declaresAll = said.columns !== undefined && declaresRows(said.columns);
  return { ...policy, encoder: (given) => encoderFor({ options, policy, nameOf, declaresAll }, given) };
}

function linkColumns(path: string): { readonly name: string; readonly type: ColumnType }[] {
  const text: ColumnType = { kind: 'text' };
  const id = { name: links.id, type: text };
  if (path === '') return [id];
  const index: ColumnType = { kind: 'bigint' };
  return [{ name: links.root, type: text }, { name: links.parent, type: text }, { name: links.index, type: index }, id];
}

interface Decided {
  readonly options: Checked;
  readonly policy: Omit<ColumnPolicy, 'encoder'>;
  readonly nameOf: (key: string) => string;
  /** Whether whole rows are declared. */
  readonly declaresAll: boolean;
}

function encoderFor(decided: Decided, given: PolicyEncoderOptions): TableEncoder {
  const { options, policy } = decided;
  const { table, keys = [], idKeys = keys, shape, exists = shape !== undefined, open = exists } = given;
  const { tables } = policy.contract;
  if (!open && tables !== 'evolve') {
    if (tables === 'freeze') throw frozenTable(table, 'rows are to be written to it');
    return new ClosedTableEncoder(table);
  }
  const root = rowEncoder(decided, { ...given, exists });
  if (!policy.hasChildren) return root;
  return new NestedEncoder({
    table,
    root,
    keys: idKeys.map((name) => ({ name, paths: policy.pathsOf(name) })),
    identity: given.identity ?? (idKeys.length > 0 ? 'key' : 'place'),
    load: given.load ?? '',
    levels: options.levels,
    nameOf: decided.nameOf,
    unnest: unnestOptions(decided),
    children: new ChildTables({
      table,
      known: given.children ?? [],
      collisions: options.collisions,
      contract: tables,
      make: ({ path, table: name }, seen, known) => {
        const child = { ...decided, policy: policy.child(path) };
        return {
          encoder: rowEncoder(child, { table: name, ...(seen && { shape: seen }), exists: known }),
          unnest: unnestOptions(child),
        };
      },
    }),
  });
}

/** What is declared as JSON, as an object or as a list stays what it is. */
function unnestOptions({ options, policy }: Decided): UnnestOptions {
  const kept = new Set(policy.hints.filter(({ type }) => type && isNested(type)).map((hint) => hint.name));
  return { naming: options.naming === 'snake_case' ? snakeCase : undefined, keeps: (path) => kept.has(path) };
}

function isNested({ kind }: ColumnType): boolean {
  return kind === 'json' || kind === 'list' || kind === 'struct';
}

function rowEncoder({ options, policy, nameOf, declaresAll }: Decided, given: PolicyEncoderOptions): RowEncoder {
  const { table, keys = [], shape, exists = false, inherited = [] } = given;
  const own = shape?.copy(policy.shape) ?? new Shape(policy.shape);
  const taken = policy.shape.forbidden?.find((name) => own.column(name) !== undefined);
  if (taken !== undefined) throw takenName(taken);
  const existing = exists ? resolve(own, policy.resolve).columns : [];
  const flatten = options.nesting === 'flatten';
  return new RowEncoder({
    shape: own,
    keys,
    pathsOf: policy.pathsOf,
    mayBeText: options.nesting === 'json' || [...policy.hints, ...inherited].some(isSpelled),
    contract: new RowContract({
      table,
      modes: policy.contract,
      hints: policy.hints,
      declaresAll,
      existing,
      nameOf: (key) => own.columnOfKey(key)?.name ?? nameOf(key),
    }),
    // Where lists become tables, rows come here laid flat and renamed.
    ...(options.nesting !== 'tables' && {
      rewrite: { flatten, ...(options.naming === 'snake_case' && { naming: snakeCase }) },
    }),
  });
}

/** Whether values of a declared type are kept as they are spelled. */
function isSpelled({ type }: DeclaredColumn): boolean {
  return type !== undefined && (holds(type, 'text') || holds(type, 'json'));
}
/** Each part of a path by itself, so that what separates them stays. */
function namePath(path: string): string {
  return path.split(pathSeparator).map(snakeCase).join(pathSeparator);
}

function oneOf(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw new OptionError(option, `there is no ${JSON.stringify(value)}. Give ${known.join(', ')}`);
}
