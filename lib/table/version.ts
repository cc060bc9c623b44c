// The version of this package, as published files name their writer.
import { createRequire } from 'node:module';

const { version: installed } = createRequire(import.meta.url)('sluice/package.json') as { readonly version: string };

export const version: string = installed;
