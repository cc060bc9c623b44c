// Where random examples begin: at the same place in CI, so that a change is judged by what it changed; anywhere else by chance, or at
// SLUICE_SEED.
import fc from 'fast-check';

const seed = process.env['SLUICE_SEED'] ?? (process.env['CI'] ? '20261125' : undefined);
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
