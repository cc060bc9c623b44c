#!/usr/bin/env node
// The command `sluice`: reads the command line, and loads only what the command that was asked for needs.
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { CommanderError } from 'commander';
import { exitCode } from './exit-code.js';
import { buildProgram } from './program.js';

async function main(argv: readonly string[]): Promise<number> {
  let code: number = exitCode.done;
  const program = buildProgram(version(), (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end with 0; everything else is a wrong command line, which commander has explained already.
    return error.exitCode === 0 ? exitCode.done : exitCode.wrong;
  }
  return code;
}

/** The package's own version: its package.json is above this file, in the sources as in what is built from them. */
function version(): string {
  for (const up of ['../../', '../../../']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as {
        readonly name: string;
        readonly version: string;
      };
      if (manifest.name === 'sluice') return manifest.version;
    } catch {
      // Not here; one folder up.
    }
  }
  return 'unknown';
}

// Node from 22.8 on keeps what it compiles between one start and the next, among the temporary files.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure. Where it was the progress that was read, the run goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCode.done);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2));
