// The floor over node-fetch: the same requests one after the other, and JSON.parse. Nothing else. Arguments: URL PAGE_SIZE.
import { Agent } from 'node:http';
import fetch from 'node-fetch';
import { report } from './processes.js';

const [url = '', pageSize = '100'] = process.argv.slice(2);
await report(async () => {
  const agent = new Agent({ keepAlive: true });
  let rows = 0;
  for (let offset = 0; ; offset += Number(pageSize)) {
    const response = await fetch(`${url}/v1/projects?limit=${pageSize}&offset=${offset}`, { agent });
    const page = JSON.parse(await response.text()) as { data: unknown[]; total: number };
    rows += page.data.length;
    if (page.data.length === 0 || offset + Number(pageSize) >= page.total) break;
  }
  agent.destroy();
  return { rows };
});
