// Compiles a resource's plan into the public operators: whatever a configuration can say, a chain can say.
import type { Observable } from 'rxjs';
import { retry, select } from '../../../operators/index.js';
import type { Row, Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { pages } from '../../pages/index.js';
import type { ResourcePlan } from '../plan/plan.js';
import { compilePaginator } from './paginator.js';

/** The rows of a resource. Cold: each subscription asks anew. */
export function compileChain(plan: ResourcePlan, client: HttpClient): Observable<Rows<Row>> {
  const { dataSelector: records, request, retry: policy } = plan;
  return pages(client, request, compilePaginator(plan.paginator), records === undefined ? {} : { records }).pipe(
    retry(policy),
    select(records),
  );
}
