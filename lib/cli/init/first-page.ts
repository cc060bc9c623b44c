// The first page of an endpoint, and what is found out from it about the others.
import type { HttpResponse, Params, Row } from '../../core/index.js';

/** A paginator as a configuration names it. */
export type PaginatorObject = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface FoundPaginator {
  readonly paginator: PaginatorObject;
  /** For people. */
  readonly why: string;
}

export interface FirstPage {
  readonly response: HttpResponse;
  readonly records: readonly Row[];
  readonly selector: string;
  readonly params: Params;
}
