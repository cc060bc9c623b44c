// One thing that is wrong with a configuration, as data; and the error that lists all of them.
import { SluiceError } from '../../core/index.js';

/** Why a place in a configuration is wrong. Stable: programs may branch on it. */
export type ProblemCode =
  /** The file cannot be read, or it is not JSON. */
  | 'unreadable'
  /** No such key. */
  | 'unknown-key'
  /** The key is needed and is not there. */
  | 'missing-key'
  /** A text where a number belongs, and the like. */
  | 'wrong-type'
  /** The right type, and a value that cannot be. */
  | 'wrong-value'
  /** dlt knows it, Sluice does not yet. */
  | 'unsupported'
  /** Two things that exclude each other. */
  | 'conflict'
  /** A name that is there twice. */
  | 'duplicate'
  /** A placeholder that is not written correctly, or that stands for nothing known. */
  | 'placeholder'
  /** The name of a resource that is not there. */
  | 'unknown-resource'
  /** A resource that depends on itself. */
  | 'cycle'
  /** A secret that was found nowhere. */
  | 'missing-secret';

/** A place in a configuration's file, counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly code: ProblemCode;
  /** Such as `resources[0].endpoint.paginator.limit`; empty for the whole configuration. */
  readonly path: string;
  /** What is there, in short; a secret is shown as `***`. */
  readonly found?: string;
  /** What may be there. */
  readonly allowed?: string;
  /** The sentence for a person. */
  readonly message: string;
  readonly place?: Place;
}

/**
 * A configuration cannot be used. Code: `ERR_CONFIG`. It holds every problem that was found, not only the first;
 * the message lists them. No secret is in it.
 */
export class ConfigError extends SluiceError {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super('ERR_CONFIG', `the configuration has ${count}:\n${problems.map(line).join('\n')}`);
    this.problems = problems;
  }
}

function line({ place, path, message }: Problem): string {
  const where = place ? `${place.file}:${place.line}:${place.column}  ` : '';
  return `  ${where}${path ? `${path}: ` : ''}${message}`;
}

export type Path = readonly (string | number)[];

/** `['resources', 0, 'endpoint', '@id']` -> `resources[0].endpoint["@id"]` */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}
