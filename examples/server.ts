// Serves the demo API: `npm run api [port [projects]]`. Started by the demo, it tells its parent the port and ends with it.
import type { AddressInfo } from 'node:net';
import { demoApi, demoKey } from './server/api.js';

const [port = 4010, projects = 3000] = process.argv.slice(2).map(Number);
const server = demoApi({ projects });

server.once('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE' || !process.send) throw error;
  server.listen(0, '127.0.0.1');
});

server.on('listening', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (process.send) process.send({ url });
  else console.log(`${url}/v1/projects?api_key=${demoKey}&offset=0&limit=100`);
});

server.listen(port, '127.0.0.1');
process.on('disconnect', () => process.exit(0));
