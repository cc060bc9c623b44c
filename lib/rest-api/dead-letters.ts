// What resources could not be read for, as lines of JSON beside their tables.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from './compile/failures.js';
import { fileNameOf } from './file-name.js';
import type { ResourcePlan } from './plan/plan.js';

/** What says where the dead letters of a resource are. */
type Resource = Pick<ResourcePlan, 'table' | 'split' | 'selected'>;

/** The file for what a resource could not be read for: beside its table, where it has one of its own. */
export function deadLetterFile({ table, split, selected }: Resource): string {
  const hasTable = split === undefined && selected;
  return `${hasTable ? table : fileNameOf(table)}.left_out.jsonl`;
}

export class DeadLetters {
  readonly #out: string;

  /** @param out the folder of the tables */
  constructor(out: string) {
    this.#out = out;
  }

  /** Written at once and in one piece: failures are rare, and none may be lost with the process. */
  add(resource: Resource, failure: Failure): void {
    const line = JSON.stringify({ at: new Date().toISOString(), ...failure }, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    appendFileSync(join(this.#out, deadLetterFile(resource)), `${line}\n`);
  }
}
