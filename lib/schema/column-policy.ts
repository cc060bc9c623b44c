// All that a user can say about the columns of a table, read once and handed to those who apply it.
import { OptionError } from '../core/index.js';
import type { ColumnHint } from './column-hint.js';
import { type ColumnsOption, columnHints } from './column-hints.js';
import { type ContractModes, type ContractOption, contractModes, RowContract } from './contract.js';
import { RowEncoder } from './encode.js';
import { type CollisionPolicy, columnName } from './names.js';
import { keptAsText, type ResolveOptions, resolve } from './resolve.js';
import { pathSeparator } from './rewrite.js';
import { Shape, type ShapeOptions } from './shape.js';
import { snakeCase } from './snake-case.js';
import type { TemporalKind } from './temporal.js';

export interface ColumnOptions {
  /** Declared columns: they win over what is found in the rows. @default none */
  readonly columns?: ColumnsOption;
  /** What happens to new columns, and to values that do not fit. @default 'evolve' */
  readonly schemaContract?: ContractOption;
  /** How keys become names. `snake_case` follows dlt's rules, also within objects. @default 'keep' */
  readonly naming?: 'keep' | 'snake_case';
  /** What happens when two keys become one name. @default 'suffix' for `keep`, 'error' for `snake_case` */
  readonly collisions?: CollisionPolicy;
  /** Objects and lists as types of their own, as JSON, or objects as columns `a__b`. @default 'native' */
  readonly nesting?: 'native' | 'json' | 'flatten';
  /** Texts that look like these stay text. @default `['time']`, since Spark opens no file with a TIME */
  readonly keepAsText?: readonly TemporalKind[];
}

/** What was decided about a table's columns before its first row. */
export interface ColumnPolicy {
  readonly hints: readonly ColumnHint[];
  readonly contract: ContractModes;
  /** For every shape of the table. */
  readonly shape: ShapeOptions;
  /** For `resolve`. */
  readonly resolve: ResolveOptions;
  /** An encoder for the rows of one run. */
  encoder(options: PolicyEncoderOptions): RowEncoder;
}

export interface PolicyEncoderOptions {
  readonly table: string;
  readonly keys?: readonly string[];
  /** What was seen in the table that is added to, or in the part of this run that was cut short. @default nothing */
  readonly shape?: Shape;
  /** Whether the shape is that of a table that exists. @default whether a shape is given */
  readonly exists?: boolean;
}

/**
 * Reads what a user says about columns.
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function columnPolicy(options: ColumnOptions = {}): ColumnPolicy {
  const { naming = 'keep', nesting = 'native', keepAsText = keptAsText } = options;
  oneOf('naming', naming, ['keep', 'snake_case']);
  oneOf('nesting', nesting, ['native', 'json', 'flatten']);
  for (const kind of keepAsText) oneOf('keepAsText', kind, ['timestamp', 'date', 'time']);
  const collisions = options.collisions ?? (naming === 'keep' ? 'suffix' : 'error');
  oneOf('collisions', collisions, ['suffix', 'error']);
  const flatten = nesting === 'flatten';
  const name = naming === 'keep' ? undefined : flatten ? namePath : snakeCase;
  const nameOf = (key: string) => columnName(name ? name(key) : key);
  const hints = (options.columns ? columnHints(options.columns) : []).map((hint) => ({
    ...hint,
    name: nameOf(hint.name),
  }));
  const contract = contractModes(options.schemaContract);
  const reserved = hints.map((hint) => hint.name);
  const shapeOptions: ShapeOptions = { collisions, reserved, ...(name && { naming: name }) };
  const resolveOptions: ResolveOptions = {
    declared: hints,
    keepAsText,
    nesting: nesting === 'json' ? 'json' : 'native',
  };
  return {
    hints,
    contract,
    shape: shapeOptions,
    resolve: resolveOptions,
    encoder({ table, keys = [], shape, exists = shape !== undefined }) {
      const own = shape?.copy(shapeOptions) ?? new Shape(shapeOptions);
      const existing = exists ? resolve(own, resolveOptions).columns : [];
      return new RowEncoder({
        shape: own,
        keys,
        contract: new RowContract({
          table,
          modes: contract,
          hints,
          existing,
          nameOf: (key) => own.columnOfKey(key)?.name ?? nameOf(key),
        }),
        rewrite: { flatten, ...(naming === 'snake_case' && { naming: snakeCase }) },
      });
    },
  };
}

/** Each part of a path by itself, so that what separates them stays. */
function namePath(path: string): string {
  return path.split(pathSeparator).map(snakeCase).join(pathSeparator);
}

function oneOf(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw new OptionError(option, `there is no ${JSON.stringify(value)}. Give ${known.join(', ')}`);
}
