// What a response of a well-known API looks like, as a small server of 25 records in pages of 10.
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestInit } from '../../lib/http/client-type.js';
import { part, size } from './api-style.js';

/** What a server is asked. */
export interface Asked {
  readonly q: URLSearchParams;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  readonly origin: string;
}

export interface Answered {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

export interface RealShape {
  readonly name: string;
  readonly init?: RequestInit;
  readonly answer: (asked: Asked) => Answered;
  /**
   * What auto makes of it: the paginator that brings all 25 records, or the error that it ends with, before any record is taken for
   * all of them.
   */
  readonly by: string | { readonly error: string };
  /** How many requests a walk takes, where that says something. */
  readonly requests?: number;
}

/** Pages by number, from 1. */
export const byPage = (page: number) => part((page - 1) * size);
export const refused: Answered = { status: 400, body: { error: 'unknown parameter' } };
/** Whether nothing is asked for but these parameters: what a strict server looks at. */
export const only = (q: URLSearchParams, ...names: string[]) => [...q.keys()].every((name) => names.includes(name));
export const search = (value: unknown): RequestInit => ({ url: '/a', method: 'POST', body: { kind: 'json', value } });
