// Changes requests: the small pure functions that paginators are written with.
import type { ParamValue, Request } from '../core/index.js';

/** The request with a query parameter set. */
export function withParam(request: Request, name: string, value: ParamValue): Request {
  return { ...request, params: { ...request.params, [name]: value } };
}
