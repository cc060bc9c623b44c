// Compiles the resources of a source, one by one for a program, and all together for a run.
import { defer, type Observable } from 'rxjs';
import { confinedWith, type HighWater, Meter, markPristine, type Row, type Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { Cursors, type CursorsState } from '../incremental/cursors.js';
import type { ResourcePlan } from '../plan/plan.js';
import { knownTables, tableKey } from '../plan/table-names.js';
import { type Failure, Failures } from './failures.js';
import { withOwnFlow } from './own-flow.js';
import { paginatorCode } from './paginator.js';
import { ParentLink } from './parent-link.js';
import { RowTables, type TableOwners } from './row-tables.js';
import { Selection } from './selection.js';
import { compileSteps } from './steps.js';
import { compileUnits } from './units.js';

/** A resource of a run. */
export interface CompiledResource {
  readonly plan: ResourcePlan;
  /** Counts its requests, retries and pages. */
  readonly meter: Meter;
  readonly cursors: Cursors | undefined;
  readonly selection: Selection;
  readonly failures: Failures;
  readonly rows: Observable<Rows<Row>>;
  /** Divides its rows, when they go to several tables. */
  readonly tables: RowTables | undefined;
}

export interface CompileOptions {
  /** All resources of the source. */
  readonly plans: readonly ResourcePlan[];
  /** Where the paths of their requests begin. */
  readonly baseUrl: string;
  clientOf(plan: ResourcePlan): HttpClient;
  /** How many pages and bytes may be on their way in a run. */
  readonly highWaterMark?: Partial<HighWater>;
  /** How far the cursor of a resource had come at the end of the last run. @default never: from the initial value */
  stored?(plan: ResourcePlan): CursorsState | undefined;
  /** Whether a resource without any row would empty a table that has some. @default never */
  empties?(plan: ResourcePlan): boolean;
  /** Is told of the rows of a parent that a resource leaves out. */
  leftOut?(plan: ResourcePlan, failure: Failure): void;
}

/** The rows of one resource, for whoever subscribes to them alone: the resources above it are asked for again each time. */
export function compileAlone(plan: ResourcePlan, options: CompileOptions): Observable<Rows<Row>> {
  return defer(() => compileTogether([plan], options).find(({ plan: { name } }) => name === plan.name)!.rows);
}

/** The rows of a page of a resource by the tables that they go to. @throws ResourceError `ERR_TABLE_NAME`, `ERR_TABLE_HINT` */
export function tablesOf(
  plan: ResourcePlan,
  page: Rows<Row>,
  { plans }: CompileOptions,
): ReadonlyMap<string, readonly Row[]> {
  if (plan.split === undefined) return new Map([[plan.table, page.rows]]);
  return new RowTables(plan, ownersOf(plans.filter(({ selected }) => selected))).divide(page);
}

/**
 * The `selected` resources and those above them, for one run. A resource that several need, or that has a table and children, is
 * asked for once. Each is to be subscribed to once.
 */
export function compileTogether(selected: readonly ResourcePlan[], options: CompileOptions): CompiledResource[] {
  const needed = withParents(selected, options);
  const compiled = new Map<string, CompiledResource>();
  const links = new Map<string, ParentLink>();
  const owners = ownersOf(selected);
  const parts = needed.flatMap((plan) => codeOf(plan, options));
  const kept = new Set(needed.flatMap(({ parents }) => Object.keys(parents?.above ?? {})));
  // Parents first: a child takes their rows.
  for (const plan of [...needed].sort((a, b) => depth(a, options) - depth(b, options))) {
    const link: OneOptions['link'] = (name) => links.get(name)!;
    const made = compileOne(plan, { ...options, kept, link, owners });
    const children = needed.filter(({ parents }) => parents?.names.includes(plan.name));
    const shared = new ParentLink(made.rows, children.length + (selected.includes(plan) ? 1 : 0));
    links.set(plan.name, shared);
    const rows = children.length === 0 ? made.rows : shared.rows;
    const isPristine = children.length === 0 || !needed.some(mayChangeParents);
    // The rows of one may come while those of another are handed on: when one is not confined, none of them is.
    compiled.set(plan.name, { ...made, rows: confinedWith(isPristine ? markPristine(rows) : rows, parts) });
  }
  return needed.map(({ name }) => compiled.get(name)!);
}

interface OneOptions extends CompileOptions {
  readonly kept: ReadonlySet<string>;
  readonly owners: TableOwners;
  link(parent: string): ParentLink;
}

function compileOne(
  plan: ResourcePlan,
  { clientOf, stored, empties, leftOut, kept, owners, link }: OneOptions,
): CompiledResource {
  const { name, incremental, onError } = plan;
  const client = clientOf(plan);
  const meter = new Meter();
  const selection = new Selection({
    resource: name,
    selector: plan.dataSelector,
    empties: empties?.(plan) ? plan.table : undefined,
  });
  const failures = new Failures({ resource: name, onError, keep: (failure) => leftOut?.(plan, failure) });
  const steps = compileSteps(name, plan.steps);
  const cursors = incremental && new Cursors(name, incremental, stored?.(plan));
  const rows = withOwnFlow(meter, (own, run) =>
    compileUnits({ plan, client, cursors, selection, failures, steps, own, run, kept, link }).pipe(selection.guard()),
  );
  const tables = plan.split && new RowTables(plan, owners);
  return { plan, meter, cursors, selection, failures, rows, tables };
}

/** The tables that are known beforehand. */
function ownersOf(plans: readonly ResourcePlan[]): TableOwners {
  return new Map(
    plans.flatMap((plan) =>
      knownTables(plan).map((table) => [tableKey(table), { table, resource: plan.name }] as const),
    ),
  );
}

/** Whether functions see what of its parents' rows it includes: they could change that in place. */
function mayChangeParents({ parents, steps, split, rowHints }: ResourcePlan): boolean {
  const works = [
    ...steps.flatMap((step) => Object.values(step)),
    split?.by,
    ...Object.values(rowHints?.functions ?? {}),
  ];
  return parents !== undefined && works.some((work) => typeof work === 'function');
}

/** Where functions of the program's may be in a resource: in its client, its paginator, and whatever else its configuration says. */
function codeOf(plan: ResourcePlan, { clientOf }: CompileOptions): unknown[] {
  const { paginator, auth: _, ...others } = plan;
  const client = clientOf(plan);
  return [client, client.send, paginatorCode(paginator), others];
}

function parentsOf({ parents }: ResourcePlan, { plans }: CompileOptions): ResourcePlan[] {
  return (parents?.names ?? []).map((name) => plans.find((each) => each.name === name)!);
}

function depth(plan: ResourcePlan, options: CompileOptions): number {
  return Math.max(0, ...parentsOf(plan, options).map((parent) => 1 + depth(parent, options)));
}

/** The resources and all above them, in the order of the configuration. */
function withParents(selected: readonly ResourcePlan[], options: CompileOptions): ResourcePlan[] {
  const needed = new Set(selected);
  for (const plan of needed) for (const parent of parentsOf(plan, options)) needed.add(parent);
  return options.plans.filter((plan) => needed.has(plan));
}
