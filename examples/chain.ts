// The operator chain in TypeScript, against the demo API: `npm run api` in one terminal, then in another
// `API_KEY=demo-key node --import tsx examples/chain.ts`.
import { apiKey, client, offset, pages, run } from 'sluice';
import { filterRows, mapRows, retry, select } from 'sluice/operators';
import { parquet } from 'sluice/sinks';

interface Project {
  readonly id: number;
  readonly name: string;
  readonly archived: boolean;
  readonly budget: { readonly amount: number; readonly currency: string } | null;
}

const { API_URL = 'http://127.0.0.1:4010', API_KEY = '', OUT = 'out' } = process.env;

const api = client({ baseUrl: API_URL, auth: apiKey({ name: 'api_key', apiKey: API_KEY, location: 'query' }) });

const chain = pages(api, '/v1/projects', offset({ limit: 100 })).pipe(
  retry({ maxRetries: 3, factor: 2 }),
  select<Project>('data'),
  filterRows((project) => !project.archived),
  mapRows(({ id, name, budget }) => ({ id, name, amount: budget?.amount, currency: budget?.currency })),
  parquet(`${OUT}/budgets.parquet`, { primaryKey: 'id', writeDisposition: 'merge' }),
);

const receipt = await run(chain);
console.log(
  `${receipt.total} projects in ${receipt.files.join(', ')}: ${receipt.inserted} new, ${receipt.updated} changed`,
);
