// The configuration as a JSON Schema, by which editors complete and check JSON and YAML.
import * as z from 'zod';
import { notThere, unknownType, unsupportedCode } from './config/keys.js';
import { sourceSchema } from './config/source-schema.js';

/**
 * The JSON Schema of a configuration's file. What only a program can give, and what is not supported, is not in it.
 *
 * @example writeFileSync('rest-api.schema.json', JSON.stringify(configJsonSchema()))
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(sourceSchema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      if (isOnlyForPrograms(zodSchema)) jsonSchema.not = {};
    },
  });
  return { ...(withoutPrograms(schema) as object), title: "A source of sluice: the keys of dlt's rest_api" };
}

/** What remains when the branches that only a program can take are left out: of those one that remains stands for itself. */
function withoutPrograms(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutPrograms);
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).flatMap(([key, value]): [string, unknown][] => {
    const clean = withoutPrograms(value);
    if (key !== 'anyOf' || !Array.isArray(clean)) return [[key, clean]];
    const branches = clean.filter((branch) => JSON.stringify(branch) !== '{"not":{}}');
    return branches.length === 1 ? Object.entries(branches[0]) : [[key, branches]];
  });
  return Object.fromEntries(entries);
}

/** Also names that only a program can have registered: an editor is to mark a mistyped one. zod keeps the parameters of a custom check in its definition. */
function isOnlyForPrograms(schema: z.core.$ZodTypes): boolean {
  const { def } = schema._zod;
  const checks = (def.checks ?? []) as readonly {
    readonly _zod: { readonly def: { readonly params?: { readonly code?: unknown } } };
  }[];
  if (checks.some((check) => check._zod.def.params?.code === unknownType)) return true;
  if (def.type !== 'custom') return false;
  const { params } = def as { readonly params?: { readonly code?: unknown } };
  return params === undefined || params.code === notThere || params.code === unsupportedCode;
}
