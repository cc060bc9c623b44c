// How the rows of a table are made and come into the published one: what stands for it in a journal, and what of it a commit has yet to say.
import type { Json } from '../core/index.js';
import type { TableMark } from './journal.js';

export class RowMaking {
  #fingerprint: string | undefined;
  #rules: Json | undefined;
  #newFingerprint = false;
  #newRules = false;

  /** @param known what the journal says */
  constructor(known: { readonly fingerprint: string | undefined; readonly rules: Json | undefined } | undefined) {
    this.#fingerprint = known?.fingerprint;
    this.#rules = known?.rules;
  }

  /** Stands for how the rows are made; `undefined` when nobody said. */
  get fingerprint(): string | undefined {
    return this.#fingerprint;
  }

  set fingerprint(fingerprint: string) {
    this.#newFingerprint ||= fingerprint !== this.#fingerprint;
    this.#fingerprint = fingerprint;
  }

  /** How the rows come into the published table, as plain JSON; `undefined` when nobody said. */
  get rules(): Json | undefined {
    return this.#rules;
  }

  set rules(rules: Json) {
    this.#newRules ||= JSON.stringify(rules) !== JSON.stringify(this.#rules);
    this.#rules = rules;
  }

  /** Whether a commit has yet to say something. */
  get hasNews(): boolean {
    return this.#newFingerprint || this.#newRules;
  }

  /** What was said counts for nothing. */
  forget(): void {
    this.#newFingerprint = this.#fingerprint !== undefined;
    this.#newRules = this.#rules !== undefined;
  }

  /** What the next commit is to say. */
  mark(): Pick<TableMark, 'fingerprint' | 'rules'> {
    const mark = {
      ...(this.#newFingerprint && { fingerprint: this.#fingerprint! }),
      ...(this.#newRules && { rules: this.#rules! }),
    };
    this.#newFingerprint = false;
    this.#newRules = false;
    return mark;
  }
}
