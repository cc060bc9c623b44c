// The JSON values that travel through a chain and that a state file can hold.

/** A value that `JSON.stringify` writes and `JSON.parse` reads back without change. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One record of an API, as it came: the keys and values of a JSON object. */
export type Row = Readonly<Record<string, unknown>>;
