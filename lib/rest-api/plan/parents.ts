// How resources depend on each other: which rows one is asked for with, and what its own rows get from them.
import { jsonPath } from '../../core/index.js';
import type { ClientConfig } from '../config/source-schema.js';
import type { FullResource } from './defaults.js';
import { fieldsOf, requestTemplate } from './request-template.js';

export interface ParentsPlan {
  /** It is asked for with each combination of rows of these. */
  readonly names: readonly string[];
  /** Resources above those, of which the row is used that a row of `names` came from; each with the one below it. */
  readonly above: Readonly<Record<string, string>>;
  /** Fields of the parents' rows that each row gets. */
  readonly include: readonly Included[];
  /** How many combinations are worked on at once. */
  readonly concurrency: number;
}

export interface Included {
  readonly resource: string;
  /** A JSONPath into its row. */
  readonly path: string;
  readonly column: string;
}

/** How much of a resource is asked for at once where the configuration does not say. */
export const defaultConcurrency = 4;

/** Which resources name which in their placeholders. */
export class Relations {
  readonly #named = new Map<string, readonly string[]>();

  constructor(resources: readonly FullResource[]) {
    for (const resource of resources) this.#named.set(resource.name, namedBy(resource));
  }

  /** The resources that one names. */
  named(resource: string): readonly string[] {
    return this.#named.get(resource) ?? [];
  }

  /** Whether `one` is above `other`: the rows of `other` come from rows of `one`. */
  isAbove(one: string, other: string, seen: ReadonlySet<string> = new Set()): boolean {
    if (seen.has(other)) return false;
    const visited = new Set(seen).add(other);
    return this.named(other).some((name) => name === one || this.isAbove(one, name, visited));
  }
}

/** The names of the resources that the placeholders of one name, in their order. */
export function namedBy(resource: FullResource): string[] {
  const fields = fieldsOf(requestTemplate(resource.endpoint));
  return [...new Set(fields.flatMap((field) => (field.kind === 'parent' ? [field.resource] : [])))];
}

export function planParents(
  resource: FullResource,
  { relations, client }: { readonly relations: Relations; readonly client: ClientConfig },
): ParentsPlan | undefined {
  const all = relations.named(resource.name);
  if (all.length === 0) return undefined;
  // Of a resource and one above it, the rows belong together: only the lower one is combined with others.
  const below = (name: string) => all.find((other) => relations.isAbove(name, other));
  const names = all.filter((name) => below(name) === undefined);
  const include = (resource.include_from_parent ?? []).map((entry) => includedOf(entry, all, names[0]!));
  return {
    names,
    above: Object.fromEntries(
      all
        .filter((name) => !names.includes(name))
        .map((name) => [name, names.find((root) => relations.isAbove(name, root))!]),
    ),
    include,
    concurrency: resource.endpoint.concurrency ?? client.concurrency ?? defaultConcurrency,
  };
}

/** An entry of `include_from_parent`: a field of the only parent, or `<parent>.<field>`. */
export function includedOf(entry: string, parents: readonly string[], only: string): Included {
  const resource = parents.length > 1 ? parents.find((name) => entry.startsWith(`${name}.`)) : undefined;
  const path = resource === undefined ? entry : entry.slice(resource.length + 1);
  const owner = resource ?? only;
  return { resource: owner, path, column: `_${owner}_${columnOf(path)}` };
}

/** A name stays as it is; of a path each step is a part of the column's name. */
function columnOf(path: string): string {
  if (/^[^.[\]$*?]+$/.test(path)) return path;
  return jsonPath(path)
    .text.replace(/[^\w-]+/g, '_')
    .replace(/^_+|_+$/g, '');
}
