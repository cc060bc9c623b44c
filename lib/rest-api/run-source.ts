// Runs the resources of a source together: one stage, one journal, and a table for each of them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parquet } from '../../sinks/index.js';
import type { Progress, Receipt } from '../core/index.js';
import { run } from '../table/index.js';
import type { CompiledResource } from './compile/compile.js';
import type { ResourcePlan } from './plan/plan.js';

export interface SourceRunOptions {
  /** The folder of the tables; created when it is not there. */
  readonly out: string;
  /** Stops the run; what is staged is kept, and the next run goes on from there. */
  readonly signal?: AbortSignal;
  /** Is told of everything that happens, with the name of the resource it happens to; `undefined` for the run as a whole. */
  readonly onProgress?: (resource: string | undefined, event: Progress) => void;
}

/** What a run came to. */
export interface SourceRun {
  /** The last receipt of each selected resource, by its name. Requests, retries, pages and rows in it are the resource's own. */
  readonly receipts: Readonly<Record<string, Receipt>>;
}

/** Writes `<out>/<table>.parquet` for each selected resource. */
export async function runSource(resources: readonly CompiledResource[], options: SourceRunOptions): Promise<SourceRun> {
  const { out, signal, onProgress } = options;
  const selected = resources.filter(({ plan }) => plan.selected);
  await mkdir(out, { recursive: true });
  const progress = new ResourceProgress(resources, onProgress);
  try {
    const chains = selected.map(({ plan, rows }) => rows.pipe(sink(plan, out)));
    const receipts = await run(chains, {
      ...(signal && { signal }),
      onProgress: (event) => progress.take(event),
    });
    return {
      receipts: Object.fromEntries(
        selected.map((resource, index) => [resource.plan.name, progress.own(resource, receipts[index]!)]),
      ),
    };
  } finally {
    progress.close();
  }
}

function sink({ table, primaryKey, writeDisposition }: ResourcePlan, out: string) {
  return parquet(join(out, `${table}.parquet`), { table, writeDisposition, primaryKey });
}

/** Tells the events of the resources apart, and counts for each of them. */
class ResourceProgress {
  readonly #resources: readonly CompiledResource[];
  readonly #onProgress: SourceRunOptions['onProgress'];
  /** What a resource's own meter has reported already: it comes again through the run's. */
  readonly #own = new WeakSet<Progress>();
  readonly #rows = new Map<string, number>();
  readonly #close: () => void;

  constructor(resources: readonly CompiledResource[], onProgress: SourceRunOptions['onProgress']) {
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

  take(event: Progress): void {
    if (this.#own.has(event)) return;
    const table = 'table' in event ? event.table : undefined;
    const resource = this.#resources.find(({ plan }) => plan.table === table)?.plan.name;
    if (event.type === 'rows' && resource !== undefined) {
      this.#rows.set(resource, (this.#rows.get(resource) ?? 0) + event.rows);
    }
    this.#onProgress?.(resource, event);
  }

  /** A resource's receipt, with its own counts. */
  own({ plan: { name }, meter }: CompiledResource, receipt: Receipt): Receipt {
    return { ...receipt, counts: { ...meter.counts, rows: this.#rows.get(name) ?? 0 } };
  }

  close(): void {
    this.#close();
  }
}
