// What a placeholder's field names: a value of a parent's row, or of the incremental cursor.

export type FieldName =
  /** `resources.posts.author.id` */
  | { readonly kind: 'parent'; readonly resource: string; readonly path: string }
  /** `incremental.start_value` */
  | { readonly kind: 'incremental'; readonly value: string }
  /** Anything else. */
  | { readonly kind: 'name'; readonly name: string };

export function fieldName(field: string): FieldName {
  const name = field.trim();
  const parent = /^resources\.([^.[\]]+)\.(.+)$/s.exec(name) ?? /^resources\.([^.[\]]+)(\[.+)$/s.exec(name);
  if (parent) return { kind: 'parent', resource: parent[1]!, path: parent[2]! };
  const incremental = /^incremental\.(\w+)$/.exec(name);
  if (incremental) return { kind: 'incremental', value: incremental[1]! };
  return { kind: 'name', name };
}
