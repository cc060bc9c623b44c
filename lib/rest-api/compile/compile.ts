// Compiles the resources of a source, one by one for a program, and all together for a run.
import type { Observable } from 'rxjs';
import { type HighWater, Meter, type Row, type Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { Cursor, type CursorState } from '../incremental/cursor.js';
import { fieldName } from '../plan/fields.js';
import type { ParentPlan, ResourcePlan } from '../plan/plan.js';
import { fillRequest } from '../plan/request-template.js';
import { compileWalk } from './chain.js';
import { compileChildren } from './children.js';
import { withOwnFlow } from './own-flow.js';
import { ParentLink } from './parent-link.js';
import { Selection } from './selection.js';
import { compileSteps } from './steps.js';

/** A resource of a run. */
export interface CompiledResource {
  readonly plan: ResourcePlan;
  /** Counts its requests, retries and pages. */
  readonly meter: Meter;
  readonly cursor: Cursor | undefined;
  readonly selection: Selection;
  readonly rows: Observable<Rows<Row>>;
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
  stored?(plan: ResourcePlan): CursorState | undefined;
}

/** The rows of one resource, for whoever subscribes to them alone: the resources above it are asked for again each time. */
export function compileAlone(plan: ResourcePlan, options: CompileOptions): Observable<Rows<Row>> {
  const parent = () => new ParentLink(compileAlone(parentOf(plan, options), options), 1);
  return compileOne(plan, options, parent).rows;
}

/**
 * The `selected` resources and those above them, for one run. A resource that several need, or that has a table and children, is
 * asked for once. Each is to be subscribed to once.
 */
export function compileTogether(selected: readonly ResourcePlan[], options: CompileOptions): CompiledResource[] {
  const needed = withParents(selected, options);
  const compiled = new Map<string, CompiledResource>();
  const links = new Map<string, ParentLink>();
  // Parents first: a child takes their rows.
  for (const plan of [...needed].sort((a, b) => depth(a, options) - depth(b, options))) {
    const made = compileOne(plan, options, () => links.get(plan.parent!.name)!);
    const children = needed.filter(({ parent }) => parent?.name === plan.name).length;
    const link = new ParentLink(made.rows, children + (selected.includes(plan) ? 1 : 0));
    links.set(plan.name, link);
    compiled.set(plan.name, children === 0 ? made : { ...made, rows: link.rows });
  }
  return needed.map(({ name }) => compiled.get(name)!);
}

function compileOne(plan: ResourcePlan, options: CompileOptions, parentLink: () => ParentLink): CompiledResource {
  const client = options.clientOf(plan);
  const meter = new Meter();
  const selection = new Selection(plan.dataSelector);
  const steps = compileSteps(plan.name, plan.steps);
  const cursor = plan.incremental && new Cursor(plan.name, plan.incremental, options.stored?.(plan));
  const rows = withOwnFlow(meter, (own, run) => {
    if (hasParent(plan))
      return compileChildren({ plan, client, cursor, selection, steps, own, run, parent: parentLink() });
    const request = fillRequest(plan.request, (field) => {
      const name = fieldName(field);
      return name.kind === 'incremental' ? cursor?.value(name.value) : undefined;
    });
    return compileWalk({ plan, client, cursor, selection, steps, own }, { request, key: plan.name });
  });
  return { plan, meter, cursor, selection, rows };
}

function hasParent(plan: ResourcePlan): plan is ResourcePlan & { readonly parent: ParentPlan } {
  return plan.parent !== undefined;
}

function parentOf(plan: ResourcePlan, { plans }: CompileOptions): ResourcePlan {
  return plans.find(({ name }) => name === plan.parent?.name)!;
}

function depth(plan: ResourcePlan, options: CompileOptions): number {
  return plan.parent === undefined ? 0 : 1 + depth(parentOf(plan, options), options);
}

/** The resources and all above them, in the order of the configuration. */
function withParents(selected: readonly ResourcePlan[], options: CompileOptions): ResourcePlan[] {
  const needed = new Set(selected);
  for (const plan of needed) if (plan.parent) needed.add(parentOf(plan, options));
  return options.plans.filter((plan) => needed.has(plan));
}
