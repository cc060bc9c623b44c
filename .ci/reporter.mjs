// Mocha's usual report; the counts in the file that SPEC_COUNTS names, where a test that did not run counts as failed; and in the file that
// SPEC_FAILURES names, as it comes, each test that failed or did not run, with the first lines of its error.
import { appendFileSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import Mocha from 'mocha';

const longest = 8;

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { SPEC_COUNTS: countsFile, SPEC_FAILURES: failuresFile } = process.env;
    const tell = (test, lines) => {
      if (!failuresFile) return;
      const text = [test.fullTitle(), ...lines.map((line) => `  ${line}`)].join('\n');
      appendFileSync(failuresFile, `${stripVTControlCharacters(text)}\n`);
    };
    runner.on('fail', (test, error) => tell(test, firstLines(error)));
    runner.on('pending', (test) => tell(test, ['did not run']));
    runner.once('end', () => {
      const { passes, tests, failures } = runner.stats;
      const notRun = runner.total - tests;
      const counts = { passed: passes, failed: failures + runner.stats.pending + Math.max(0, notRun) };
      if (countsFile) writeFileSync(countsFile, JSON.stringify(counts));
    });
  }
}

/** What it says, and where. */
function firstLines(error) {
  const said = String(error?.message ?? error).split('\n');
  const where = String(error?.stack ?? '')
    .split('\n')
    .find((line) => /^\s+at .*\.ts:\d/.test(line));
  const cut = said.length > longest ? [...said.slice(0, longest), '…'] : said;
  return where === undefined ? cut : [...cut, where.trim()];
}
