// Mocha's usual report, and the counts in the file that SPEC_COUNTS names: a test that did not run counts as failed.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, tests, failures } = runner.stats;
      const notRun = runner.total - tests;
      const counts = { passed: passes, failed: failures + runner.stats.pending + Math.max(0, notRun) };
      if (process.env.SPEC_COUNTS) writeFileSync(process.env.SPEC_COUNTS, JSON.stringify(counts));
    });
  }
}
