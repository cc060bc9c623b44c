// What resources could not be read for, as lines of JSON beside their tables.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from './compile/failures.js';

/** The file of a table's dead letters. */
export function deadLetterFile(table: string): string {
  return `${table}.left_out.jsonl`;
}

export class DeadLetters {
  readonly #out: string;

  /** @param out the folder of the tables */
  constructor(out: string) {
    this.#out = out;
  }

  /** Written at once and in one piece: failures are rare, and none may be lost with the process. */
  add(table: string, failure: Failure): void {
    const line = JSON.stringify({ at: new Date().toISOString(), ...failure }, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    appendFileSync(join(this.#out, deadLetterFile(table)), `${line}\n`);
  }
}
