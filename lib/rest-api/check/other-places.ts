// Where a key belongs that stands in the wrong part of a configuration.
import type * as z from 'zod';
import { incrementalSchema } from '../config/incremental-schema.js';
import { paginatorSchema } from '../config/paginator-schema.js';
import { endpointSchema, resourceSchema } from '../config/resource-schema.js';
import { sinkSchema } from '../config/sink-schema.js';
import { clientSchema, sourceSchema } from '../config/source-schema.js';

/** From the outside to the inside, each as the end of a sentence. */
const places: readonly (readonly [where: string, keys: () => readonly string[]])[] = [
  ['at the top, beside "client"', () => keysOf(sourceSchema)],
  ['in "client"', () => keysOf(clientSchema)],
  ['on the resource, beside "endpoint"', () => keysOf(resourceSchema)],
  ['in "endpoint"', () => keysOf(endpointSchema)],
  ['in "incremental"', () => keysOf(incrementalSchema)],
  ['in "paginator"', () => keysOf(paginatorSchema)],
  ['in "sink"', () => keysOf(sinkSchema)],
];

/** Names every place that has the key; `undefined` when none has it. */
export function placesOf(key: string): string | undefined {
  const found = places.filter(([, keys]) => keys().includes(key)).map(([where]) => where);
  return found.length === 0 ? undefined : found.join(' or ');
}

/** The keys of an object, or of all objects that a union lets through. */
function keysOf(schema: z.core.$ZodType): string[] {
  const { shape, options = [] } = schema as { readonly shape?: object; readonly options?: readonly z.core.$ZodType[] };
  return shape === undefined ? options.flatMap(keysOf) : Object.keys(shape);
}
