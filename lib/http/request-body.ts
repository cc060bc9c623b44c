// Turns the body of a request into what is sent, with its content type.
import { stringify } from 'lossless-json';
import { isExactNumber, type Params, type RequestBody } from '../core/index.js';
import { pairs } from './url.js';

export interface EncodedBody {
  readonly text: string;
  readonly contentType: string;
}

export function encodeBody(body: RequestBody): EncodedBody {
  switch (body.kind) {
    case 'json':
      return { text: toJson(body.value), contentType: 'application/json' };
    case 'form': {
      const { value } = body;
      const entries = Array.isArray(value) ? (value as [string, string][]) : pairs(value as Params);
      return { text: new URLSearchParams(entries).toString(), contentType: 'application/x-www-form-urlencoded' };
    }
    case 'text':
      return { text: body.value, contentType: body.contentType };
  }
}

/** JSON with long numbers written as numbers. */
function toJson(value: unknown): string {
  return stringify(value, null, undefined, [{ test: isExactNumber, stringify: String }]) ?? 'null';
}
