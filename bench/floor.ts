// The floor under every run: the same requests over the same transport, one after the other, and JSON.parse. Nothing else.
// Arguments: URL PAGE_SIZE.
import { Agent, get } from 'node:http';
import { report } from './processes.js';

const [url = '', pageSize = '100'] = process.argv.slice(2);
await report(async () => {
  const agent = new Agent({ keepAlive: true });
  const ask = (address: string) =>
    new Promise<string>((resolve, reject) => {
      get(address, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
        response.on('error', reject);
      }).on('error', reject);
    });
  let rows = 0;
  for (let offset = 0; ; offset += Number(pageSize)) {
    const page = JSON.parse(await ask(`${url}/v1/projects?limit=${pageSize}&offset=${offset}`)) as {
      data: unknown[];
      total: number;
    };
    rows += page.data.length;
    if (page.data.length === 0 || offset + Number(pageSize) >= page.total) break;
  }
  agent.destroy();
  return { rows };
});
