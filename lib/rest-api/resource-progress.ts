// Tells the events of a run's resources apart, and counts for each of them.
import type { Meter, Progress, Receipt } from '../core/index.js';
import type { CompiledResource } from './compile/compile.js';

/** Is told of an event, and of the resource it happens to; `undefined` for the run as a whole. */
export type OnResourceProgress = (resource: string | undefined, event: Progress) => void;

/** What one of the tables of a resource goes by. */
export function tableLabel(resource: string, table: string): string {
  return `${resource}: ${table}`;
}

export class ResourceProgress {
  readonly #resources: readonly CompiledResource[];
  readonly #onProgress: OnResourceProgress | undefined;
  /** What a resource's own meter has reported already: it comes again through the run's. */
  readonly #own = new WeakSet<Progress>();
  readonly #rows = new Map<string, number>();
  readonly #close: () => void;

  constructor(resources: readonly CompiledResource[], onProgress: OnResourceProgress | undefined) {
    this.#resources = resources;
    this.#onProgress = onProgress;
    const subscriptions = resources.map(({ plan, meter }) =>
      meter.events.subscribe((event) => {
        this.#own.add(event);
        onProgress?.(plan.name, event);
      }),
    );
    this.#close = () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  }

  /** Takes an event of the run. */
  take(event: Progress): void {
    if (this.#own.has(event)) return;
    const table = 'table' in event ? event.table : undefined;
    const resource = table === undefined ? undefined : this.#nameOf(table);
    if (event.type === 'rows' && resource !== undefined) {
      this.#rows.set(resource, (this.#rows.get(resource) ?? 0) + event.rows);
    }
    this.#onProgress?.(resource, event);
  }

  /** The receipts of a resource's tables by their names, with its own counts. */
  own(resource: CompiledResource, receipt: Receipt): [string, Receipt][] {
    const { plan, meter, tables } = resource;
    if (tables === undefined) return [[plan.name, this.#counted(plan.name, meter, receipt)]];
    return (receipt.receipts ?? []).map((each) => {
      const name = tableLabel(plan.name, each.table);
      return [name, this.#counted(name, meter, each)];
    });
  }

  #nameOf(table: string): string | undefined {
    const found = this.#resources.find(({ plan, tables }) => tables?.has(table) ?? plan.table === table);
    return found?.tables === undefined ? found?.plan.name : tableLabel(found.plan.name, table);
  }

  #counted(name: string, meter: Meter, receipt: Receipt): Receipt {
    const counts = { ...meter.counts, rows: this.#rows.get(name) ?? 0 };
    // What its child tables came from are its own pages, not those of the whole run.
    const children = receipt.children?.map((child) => ({ ...child, counts: { ...counts, rows: child.rows } }));
    return { ...receipt, counts, ...(children && { children }) };
  }

  close(): void {
    this.#close();
  }
}
