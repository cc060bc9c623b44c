// Compiles the resources of a source, one by one for a program, and all together for a run.
import type { Observable } from 'rxjs';
import { Meter, type Row, type Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import type { ParentPlan, ResourcePlan } from '../plan/plan.js';
import { fillRequest } from '../plan/request-template.js';
import { compileChain } from './chain.js';
import { compileChildren } from './children.js';
import { withOwnFlow } from './own-flow.js';
import { ParentLink } from './parent-link.js';
import { compileSteps } from './steps.js';

/** A resource of a run. */
export interface CompiledResource {
  readonly plan: ResourcePlan;
  /** Counts its requests, retries and pages. */
  readonly meter: Meter;
  readonly rows: Observable<Rows<Row>>;
}

type ClientOf = (plan: ResourcePlan) => HttpClient;

/** The rows of one resource, for whoever subscribes to them alone: the resources above it are asked for again each time. */
export function compileAlone(
  plan: ResourcePlan,
  plans: readonly ResourcePlan[],
  clientOf: ClientOf,
): Observable<Rows<Row>> {
  return rowsOf(
    plan,
    new Meter(),
    clientOf,
    () => new ParentLink(compileAlone(parentOf(plan, plans), plans, clientOf), 1),
  );
}

/**
 * The resources whose names are `selected`, for one run. A resource that several need, or that has a table and children, is asked for
 * once. Each is to be subscribed to once.
 */
export function compileTogether(
  plans: readonly ResourcePlan[],
  selected: readonly ResourcePlan[],
  clientOf: ClientOf,
): CompiledResource[] {
  const needed = withParents(selected, plans);
  const links = new Map<ResourcePlan, ParentLink>();
  const meters = new Map(needed.map((plan) => [plan, new Meter()]));
  const own = (plan: ResourcePlan) => rowsOf(plan, meters.get(plan)!, clientOf, () => linkOf(parentOf(plan, plans)));
  function linkOf(parent: ResourcePlan): ParentLink {
    const children = needed.filter((plan) => plan.parent?.name === parent.name).length;
    const link = links.get(parent) ?? new ParentLink(own(parent), children + (selected.includes(parent) ? 1 : 0));
    links.set(parent, link);
    return link;
  }
  return needed.map((plan) => {
    const isParent = needed.some((other) => other.parent?.name === plan.name);
    return { plan, meter: meters.get(plan)!, rows: isParent ? linkOf(plan).rows : own(plan) };
  });
}

function rowsOf(plan: ResourcePlan, meter: Meter, clientOf: ClientOf, link: () => ParentLink): Observable<Rows<Row>> {
  const client = clientOf(plan);
  const steps = compileSteps(plan.name, plan.steps);
  const rows = withOwnFlow(meter, (own, run) =>
    hasParent(plan)
      ? compileChildren({ plan, client, parent: link(), own, run })
      : compileChain(
          plan,
          client,
          fillRequest(plan.request, () => undefined),
        ),
  );
  return rows.pipe(steps);
}

function hasParent(plan: ResourcePlan): plan is ResourcePlan & { readonly parent: ParentPlan } {
  return plan.parent !== undefined;
}

function parentOf(plan: ResourcePlan, plans: readonly ResourcePlan[]): ResourcePlan {
  return plans.find(({ name }) => name === plan.parent?.name)!;
}

/** The resources and all above them. */
function withParents(selected: readonly ResourcePlan[], plans: readonly ResourcePlan[]): ResourcePlan[] {
  const needed = new Set(selected);
  for (const plan of needed) if (plan.parent) needed.add(parentOf(plan, plans));
  return plans.filter((plan) => needed.has(plan));
}
