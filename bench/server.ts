// The API that every benchmark reads: a process of its own that serves prepared pages, so that it costs next to nothing
// beside what is measured. Arguments: ROWS PAGE_SIZE LATENCY_MS COLUMNS. Sends its port to the parent process.
import { createServer } from 'node:http';

const [rows = 200_000, pageSize = 100, latency = 0, columns = 10] = process.argv.slice(2).map(Number);
const prepared = new Map<number, Buffer>();

/** A row of ten columns and about 310 bytes, as a project tracker has them. */
function project(id: number): object {
  return {
    id,
    name: `Project ${id} – ${['Atlas', 'Borealis', 'Cygnus', 'Dorado'][id % 4]}`,
    status: ['open', 'closed', 'paused'][id % 3],
    owner: { id: id % 977, name: `Owner ${id % 977}`, email: `owner${id % 977}@example.com` },
    tags: [`tag-${id % 7}`, `tag-${id % 11}`],
    budget: Math.round(id * 1234.567) / 100,
    progress: id % 101,
    archived: id % 13 === 0 ? null : id % 2 === 0,
    created_at: new Date(1_600_000_000_000 + id * 61_000).toISOString(),
    description: `What number ${id} is about: ${'lorem ipsum '.repeat(4 + (id % 4))}`,
    ...more(id),
  };
}

/** The columns beyond the tenth: numbers and texts in turn. */
function more(id: number): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (let column = 11; column <= columns; column++) {
    values[`column_${column}`] = column % 2 === 0 ? (id * column) % 100_003 : `value ${(id + column) % 1009}`;
  }
  return values;
}

function page(offset: number): Buffer {
  const known = prepared.get(offset);
  if (known) return known;
  const data = [];
  for (let id = offset + 1; id <= Math.min(offset + pageSize, rows); id++) data.push(project(id));
  const body = Buffer.from(JSON.stringify({ data, total: rows }));
  prepared.set(offset, body);
  return body;
}

// Small loads are prepared before the first request; large ones on the way, so that the server does not outgrow the machine.
if (rows <= 500_000) for (let offset = 0; offset <= rows; offset += pageSize) page(offset);
else prepared.set = () => prepared;

const server = createServer((request, response) => {
  const body = page(Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('offset') ?? 0));
  const send = () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  };
  if (latency > 0) setTimeout(send, latency);
  else send();
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.send?.(address.port);
});
process.on('disconnect', () => process.exit());
