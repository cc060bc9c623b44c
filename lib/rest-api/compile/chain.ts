// Compiles a resource's plan into the public operators: whatever a configuration can say, a chain can say.
import type { Observable } from 'rxjs';
import { retry, select } from '../../../operators/index.js';
import type { Row, Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { pages } from '../../pages/index.js';
import type { ResourcePlan } from '../plan/plan.js';
import type { FilledRequest } from '../plan/request-template.js';
import { compilePaginator } from './paginator.js';

/** The rows that one request and those that follow it bring. Cold: each subscription asks anew. */
export function compileChain(plan: ResourcePlan, client: HttpClient, request: FilledRequest): Observable<Rows<Row>> {
  const { dataSelector: records, retry: policy } = plan;
  return pages(client, request, compilePaginator(plan.paginator), records === undefined ? {} : { records }).pipe(
    retry(policy),
    select(records),
  );
}
