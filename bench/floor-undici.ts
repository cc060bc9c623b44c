// The floor over undici: the same requests one after the other, and JSON.parse. Nothing else. Arguments: URL PAGE_SIZE.
import { request } from 'undici';
import { report } from './processes.js';

const [url = '', pageSize = '100'] = process.argv.slice(2);
await report(async () => {
  let rows = 0;
  for (let offset = 0; ; offset += Number(pageSize)) {
    const { body } = await request(`${url}/v1/projects?limit=${pageSize}&offset=${offset}`);
    const page = JSON.parse(await body.text()) as { data: unknown[]; total: number };
    rows += page.data.length;
    if (page.data.length === 0 || offset + Number(pageSize) >= page.total) break;
  }
  return { rows };
});
