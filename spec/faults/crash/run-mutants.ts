// Breaks a copy of the sources in one way after the other, runs the crash suite on each, and prints a table of what it noticed: `npm run
// test:mutations`, or with a part of a name for some of them alone. Ends with 1 when a broken copy passes.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutants } from './mutants.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const copied = ['lib', 'operators', 'sinks', 'spec', 'docs', 'package.json', 'tsconfig.json', '.mocharc.json'];

/** The specs that fail with the mutant; none when it passes. */
function failures({ file, find, replace, spec, cases }: Mutant): string[] {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-mutant-'));
  try {
    for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const text = readFileSync(join(copy, file), 'utf8');
    if (text.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`);
    writeFileSync(
      join(copy, file),
      text.replace(find, () => replace),
    );
    const chosen = cases ?? 'once: append$';
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/mocha/bin/mocha.js'),
        ...['--reporter', 'json', '--bail', '--exit', ...(chosen === '' ? [] : ['--grep', chosen])],
        spec ?? 'spec/faults/crash/crash.spec.ts',
      ],
      { cwd: copy, encoding: 'utf8', env: { ...process.env, SLUICE_CRASHES: 'all' }, maxBuffer: 1 << 28 },
    );
    const start = stdout.indexOf('{\n  "stats"');
    if (start < 0) return [`it does not even run: ${stderr.split('\n').find((line) => /Error/.test(line)) ?? stderr}`];
    const report = JSON.parse(stdout.slice(start)) as Report;
    if (report.stats.tests === 0) throw new Error(`no spec was run: ${chosen}`);
    return report.failures.map(({ err }) => err.message.split('\n')[0]!.slice(0, 110));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

interface Report {
  readonly stats: { readonly tests: number };
  readonly failures: readonly { readonly err: { readonly message: string } }[];
}

const wanted = process.argv[2] ?? '';
let survived = 0;
console.log('| taken out | noticed by | seconds |\n|---|---|---|');
for (const mutant of mutants.filter(({ name }) => name.includes(wanted))) {
  const begin = performance.now();
  const [first] = failures(mutant);
  if (first === undefined) survived += 1;
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(`| ${mutant.name} | ${first?.replaceAll('|', '/') ?? '**nothing**'} | ${seconds} |`);
}
process.exitCode = survived === 0 ? 0 : 1;
