// A stage in a folder of its own, for the tests of one suite: opened, with the notes of its runs, and removed after each test.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Meter, type Position, type Progress } from '../../lib/core/index.js';
import { Stage } from '../../lib/stage/index.js';

/** Texts as the lines of a log. */
export const lines = (...texts: string[]) => ({
  data: Buffer.from(texts.map((text) => `${text}\n`).join('')),
  rows: texts.length,
  longestLine: Math.max(0, ...texts.map((text) => text.length)),
});

export const at = (page: number, walk = 'w'): Position => ({ walk, page, next: page + 1 });

/** What a table has in its log. */
export const logged = async (stage: Stage, table: string): Promise<string> =>
  (await Promise.all(stage.segments(table).map((file) => readFile(file, 'utf8')))).join('');

/** To be made within a suite: what it gives is that of the test that runs. */
export function staged() {
  const test = { parent: '', folder: '', opened: [] as Stage[], notes: [] as string[], open };
  async function open(rotateBytes?: number): Promise<Stage> {
    const meter = new Meter();
    const { notes } = test;
    meter.events.subscribe((event: Progress) => event.type === 'note' && notes.push(event.message));
    const { folder } = test;
    const stage = await Stage.open({ folder, meter, ...(rotateBytes !== undefined && { rotateBytes }) });
    test.opened.push(stage);
    return stage;
  }
  beforeEach(async () => {
    test.parent = await mkdtemp(join(tmpdir(), 'sluice-stage-'));
    test.folder = join(test.parent, '.sluice', 'a');
    test.opened = [];
    test.notes = [];
  });
  afterEach(async () => {
    for (const stage of test.opened) await stage.close();
    await rm(test.parent, { recursive: true, force: true });
  });
  return test;
}
