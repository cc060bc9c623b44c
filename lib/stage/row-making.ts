// How the rows of a table are made and come into the published one: what stands for it in a journal, and what of it a commit has yet to say.
import type { Json } from '../core/index.js';
import type { TableMark } from './journal.js';

/** What a journal says of it; `undefined` what nobody said. */
export interface KnownMaking {
  /** Stands for how the rows were made. */
  readonly fingerprint: string | undefined;
  /** How they were to come into the published table. */
  readonly rules: Json | undefined;
  /** The load that was published when they began to be staged; `null` when there was none. */
  readonly base: string | null | undefined;
}

export class RowMaking {
  #fingerprint: string | undefined;
  #rules: Json | undefined;
  #base: string | null | undefined;
  #newFingerprint = false;
  #newRules = false;
  #newBase = false;

  /** @param known what the journal says */
  constructor(known: KnownMaking | undefined) {
    this.#fingerprint = known?.fingerprint;
    this.#rules = known?.rules;
    this.#base = known?.base;
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

  /** The load that was published in the table when its rows began to be staged; `null` when there was none, `undefined` when nobody said. */
  get base(): string | null | undefined {
    return this.#base;
  }

  set base(base: string | null) {
    this.#newBase ||= base !== this.#base;
    this.#base = base;
  }

  /** Whether a commit has yet to say something. */
  get hasNews(): boolean {
    return this.#newFingerprint || this.#newRules || this.#newBase;
  }

  /** What was said counts for nothing. */
  forget(): void {
    this.#newFingerprint = this.#fingerprint !== undefined;
    this.#newRules = this.#rules !== undefined;
    this.#newBase = this.#base !== undefined;
  }

  /** What the next commit is to say. */
  mark(): Pick<TableMark, 'fingerprint' | 'rules' | 'base'> {
    const mark = {
      ...(this.#newFingerprint && { fingerprint: this.#fingerprint! }),
      ...(this.#newRules && { rules: this.#rules! }),
      ...(this.#newBase && { base: this.#base! }),
    };
    this.#newFingerprint = false;
    this.#newRules = false;
    this.#newBase = false;
    return mark;
  }
}
