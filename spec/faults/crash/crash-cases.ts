// The loads that are stopped at each call: one for each way to write a table. One more is one more entry.
import { configuredCases } from './configured-cases.js';
import type { CrashCase } from './crash-case.js';
import { databaseCases } from './database-cases.js';
import { directoryCases } from './directory-cases.js';
import { familyCases } from './family-cases.js';
import { fileCases } from './file-cases.js';

/** @param url Of the API that the configurations among them ask. */
export const crashCases = (url: () => string): readonly CrashCase[] => [
  ...fileCases,
  ...familyCases,
  ...databaseCases,
  ...directoryCases,
  ...configuredCases(url),
];
