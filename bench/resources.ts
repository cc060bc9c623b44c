// Several resources of one configuration, each into a table of its own. Arguments: URL PAGE_SIZE FOLDER RESOURCES.
import { restApi } from 'sluice';
import { report } from './processes.js';

const [url = '', pageSize = '100', out = '.', resources = '1'] = process.argv.slice(2);
await report(async () => {
  const source = restApi({
    client: { base_url: url },
    resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
    resources: Array.from({ length: Number(resources) }, (_, number) => ({
      name: `resource_${number}`,
      endpoint: {
        path: `/v1/resource_${number}`,
        data_selector: 'data',
        paginator: { type: 'offset', limit: Number(pageSize) },
      },
    })),
  });
  const { receipts } = await source.run({ out });
  return { rows: Object.values(receipts).reduce((sum, { total }) => sum + total, 0) };
});
