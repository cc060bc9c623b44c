// The scripts of `sluice completion` are asked by the shells themselves.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { sluice } from './command.js';

const run = promisify(execFile);

describe('completion', function () {
  this.timeout(180_000);
  let folder: string;
  let script: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-completion-'));
    await writeFile(join(folder, 'shop.json'), '{}');
    script = (await sluice(['completion', 'bash'], { cwd: folder })).stdout;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** What bash offers for the last of the words. */
  async function offered(...words: readonly string[]): Promise<string[]> {
    const line = words.map((word) => `'${word}'`).join(' ');
    const ask = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', ask], { cwd: folder });
    return stdout.split('\n').filter((word) => word !== '');
  }

  it('bash: commands, options, choices and files', async () => {
    expect(await offered('sluice', 'r')).to.deep.equal(['run']);
    expect(await offered('sluice', 'state', '')).to.deep.equal(['show', 'reset', 'set', '--help']);
    expect(await offered('sluice', 'run', '--li')).to.deep.equal(['--limit']);
    expect(await offered('sluice', 'run', 'sh')).to.deep.equal(['shop.json']);
    expect(await offered('sluice', 'run', 'shop.json', '--format', 'json')).to.deep.equal([
      'jsonl',
      'jsonl.gz',
      'jsonl.zst',
    ]);
    expect(await offered('sluice', 'state', 'show', '--js')).to.deep.equal(['--json']);
    expect(await offered('sluice', 'run', '--limit', 'shop.json', '--env-file', 's')).to.deep.equal(['shop.json']);
  });

  for (const shell of ['zsh', 'fish'] as const) {
    it(`${shell}: a script that the shell takes, where there is one`, async () => {
      const { stdout, code } = await sluice(['completion', shell], { cwd: folder });
      expect(code).to.equal(0);
      expect(stdout).to.contain('full-refresh');
      const file = join(folder, `completion.${shell}`);
      await writeFile(file, stdout);
      const isThere = execFileSync('sh', ['-c', `command -v ${shell} || true`], { encoding: 'utf8' }).trim() !== '';
      if (!isThere) return;
      await run(shell, ['-n', file]);
      // Completes in earnest, as far as a shell does without a terminal.
      const ask = {
        zsh: `autoload -Uz compinit; compinit -u -D; source '${file}'; setopt ksharrays shwordsplit; COMP_WORDS=(sluice run --full); COMP_CWORD=2; _sluice; print -rl -- "\${COMPREPLY[@]}"`,
        fish: `source '${file}'; complete -C 'sluice run --full'`,
      };
      const offer = await run(shell, [shell === 'zsh' ? '-fc' : '-c', ask[shell]], { cwd: folder });
      expect(offer.stderr).to.equal('');
      // What does not begin as the word does, zsh leaves out by itself; options of other commands are not offered.
      expect(offer.stdout.split(/\s/)).to.include('--full-refresh').and.not.include('--diagram');
    });
  }

  it('knows no other shell', async () => {
    const { code, stderr } = await sluice(['completion', 'tcsh'], { cwd: folder });
    expect(code).to.equal(2);
    expect(stderr).to.contain('bash, zsh, fish');
  });
});
