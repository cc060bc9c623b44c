// A program that a spec starts under strace: it does the load of one case, and says what becomes durable, so that the record tells that, too.
import { writeSync } from 'node:fs';
import { nothing, pageCount } from './crash-case.js';
import { crashCases } from './crash-cases.js';

const [, , name = '', out = '', url = ''] = process.argv;
const say = (line: string): void => void writeSync(1, `${line}\n`);
const seen = Object.defineProperty(nothing(), 'committed', { set: (pages: number) => say(`committed ${pages}`) });
await crashCases(() => url)
  .find((one) => one.name === name)!
  .load(out, pageCount, seen);
say('published');
