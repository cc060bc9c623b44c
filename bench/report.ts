// Makes the page of results from `results.json`: the tables of docs/performance.md between their marks, and its picture. Run it after
// benchmarks with --record. Option: --check (changes nothing; fails when the page is not what the results say).
import { readFileSync, writeFileSync } from 'node:fs';
import { optionsOf } from './options.js';
import { pageWith } from './report/page.js';
import { picture } from './report/picture.js';
import { readResults } from './results.js';

const values = optionsOf(import.meta.url, { check: { type: 'boolean', default: false } });
const page = new URL('../docs/performance.md', import.meta.url);
const image = new URL('../docs/performance.svg', import.meta.url);
const results = readResults();
const made = [
  { file: page, text: pageWith(readFileSync(page, 'utf8'), results) },
  { file: image, text: picture(results) },
];
for (const { file, text } of made) {
  if (!values.check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file.pathname} is not what the results say: npm run bench:report`);
    process.exitCode = 1;
  }
}
