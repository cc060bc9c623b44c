// When a run commits: what is not durable never exceeds one checkpoint, over all of its tables.
import { expect } from 'chai';
import { CommitPace } from '../../lib/table/commit-pace.js';

/** Commits that take as long as the spec says. */
class Commits {
  readonly #ends: (() => void)[] = [];
  begun = 0;
  done = 0;
  readonly pace = new CommitPace({
    commit: () => {
      this.begun += 1;
      return new Promise((resolve) => this.#ends.push(resolve));
    },
    done: () => {
      this.done += 1;
    },
  });

  async end(): Promise<void> {
    this.#ends.shift()!();
    await Promise.resolve();
  }
}

const mebibyte = 1024 * 1024;

describe('the pace of commits', () => {
  const paces: CommitPace[] = [];
  const commitsOf = (...checkpoints: { pages?: number; seconds?: number; bytes?: number }[]): Commits => {
    const commits = new Commits();
    for (const each of checkpoints) commits.pace.keep({ pages: 10, seconds: 60, bytes: mebibyte, ...each });
    paces.push(commits.pace);
    return commits;
  };
  afterEach(() => {
    for (const pace of paces.splice(0)) pace.stop();
  });

  it('begins a commit at half of the pages, and has room for the other half meanwhile', async () => {
    const commits = commitsOf({});
    for (let page = 0; page < 4; page += 1) commits.pace.took(1, 1);
    expect(commits.begun).to.equal(0);
    commits.pace.took(1, 1);
    expect(commits.begun).to.equal(1);
    for (let page = 0; page < 5; page += 1) {
      expect(commits.pace.isFull).to.equal(false);
      commits.pace.took(1, 1);
    }
    expect([commits.begun, commits.pace.isFull]).to.deep.equal([1, true]);
    await commits.end();
    expect([commits.begun, commits.done, commits.pace.isFull]).to.deep.equal([2, 1, false]);
  });

  it('never has more than a checkpoint that is not durable, however small that is', async () => {
    for (const pages of [1, 2, 3, 7]) {
      const commits = commitsOf({ pages });
      let committing = 0;
      let since = 0;
      const begins = (before: number): void => {
        if (commits.begun === before) return;
        committing = since;
        since = 0;
      };
      for (let page = 0; page < 50; page += 1) {
        const { begun } = commits;
        if (commits.pace.isFull) {
          committing = 0;
          await commits.end();
          begins(begun);
        }
        since += 1;
        expect(committing + since, `of ${pages}`).to.be.at.most(pages);
        const before = commits.begun;
        commits.pace.took(1, 1);
        begins(before);
      }
    }
  });

  it('counts bytes in the same way', async () => {
    const commits = commitsOf({});
    commits.pace.took(1, mebibyte / 2 - 1);
    expect(commits.begun).to.equal(0);
    commits.pace.took(0, 1);
    expect([commits.begun, commits.pace.isFull]).to.deep.equal([1, false]);
    commits.pace.took(1, mebibyte / 2);
    expect(commits.pace.isFull).to.equal(true);
    await commits.end();
    expect(commits.pace.isFull).to.equal(false);
  });

  it('goes by the smallest checkpoint of all tables', () => {
    const commits = commitsOf({ pages: 100 }, { pages: 4 }, { pages: 50 });
    commits.pace.took(1, 1);
    expect(commits.begun).to.equal(0);
    commits.pace.took(1, 1);
    expect(commits.begun).to.equal(1);
  });

  it('commits what has come for half of the seconds, and nothing when it is stopped', async () => {
    const commits = commitsOf({ seconds: 0.05 });
    const stopped = commitsOf({ seconds: 0.05 });
    commits.pace.took(1, 1);
    stopped.pace.took(1, 1);
    stopped.pace.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([commits.begun, stopped.begun]).to.deep.equal([1, 0]);
    await commits.end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(commits.begun).to.equal(1);
  });

  it('commits also what came of a page after the rest of it, while that was committed', async () => {
    const commits = commitsOf({ pages: 2, seconds: 0.05 });
    commits.pace.took(1, 1);
    commits.pace.took(0, 0);
    await commits.end();
    expect(commits.begun).to.equal(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(commits.begun).to.equal(2);
  });

  it('waits for pages and bytes alone where the seconds are more than a timer can wait', async () => {
    for (const seconds of [Number.POSITIVE_INFINITY, 10_000_000]) {
      const commits = commitsOf({ seconds });
      commits.pace.took(1, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(commits.begun, String(seconds)).to.equal(0);
    }
  });
});
