// Asks an API for what `sluice init` wants to know: politely, one request after the other, and not too often.
import { firstValueFrom } from 'rxjs';
import { retry } from '../../../operators/index.js';
import { type HttpResponse, type Params, RequestError, type Row, recordsAt } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';

/** Requests of one `sluice init`, beside the pages that it reads. */
const maximumProbes = 60;

export class ApiProbe {
  readonly client: HttpClient;
  readonly path: string;
  /** How many questions were asked. */
  probes = 0;

  constructor(client: HttpClient, path: string) {
    this.client = client;
    this.path = path;
  }

  /** One page. @throws RequestError */
  async page(params: Params): Promise<HttpResponse> {
    const request = this.client.prepare({ url: this.path, params });
    return await firstValueFrom(this.client.send(request).pipe(retry({ maxRetries: 2 })));
  }

  /** The records of a page that may well not be there; `undefined` when the server refuses, or too much was asked already. */
  async ask(params: Params, selector: string): Promise<readonly Row[] | undefined> {
    if (this.probes >= maximumProbes) return undefined;
    this.probes += 1;
    try {
      const { body } = await this.page(params);
      const records = recordsAt(selector, body);
      return records.every((record) => typeof record === 'object' && record !== null) ? (records as Row[]) : undefined;
    } catch (error) {
      // A parameter that the server does not know may be an error, also one of its own.
      if (error instanceof RequestError && error.status !== undefined && error.status !== 429) return undefined;
      throw error;
    }
  }
}

/** A record as text, to compare it with others. */
export function print(record: unknown): string {
  return JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}
