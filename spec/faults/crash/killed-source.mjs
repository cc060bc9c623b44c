// A program that a spec starts and that runs a source, and may kill itself before one of its file system calls. It takes its options as JSON, and
// prints how far it is, and at the end how many calls it made.

import { client, offset, pages, restApi, run as runChain } from '../../../dist/lib/index.js';
import { files } from '../../../dist/lib/stage/index.js';
import { retry, select } from '../../../dist/operators/index.js';
import { parquet } from '../../../dist/sinks/index.js';

const { config, functions = {}, chain, run, kill = {} } = JSON.parse(process.argv[2]);
// Functions come as text: the keys of the first resource that they are.
for (const [key, source] of Object.entries(functions))
  config.resources[0][key] = (
    await import(`data:text/javascript,export default ${encodeURIComponent(source)}`)
  ).default;
let calls = 0;

function reach() {
  if (calls === kill.call) process.kill(process.pid, 'SIGKILL');
  calls += 1;
}

function counted(target, names) {
  for (const name of names) {
    const original = target[name].bind(target);
    target[name] = (...args) => {
      reach();
      return original(...args);
    };
  }
}

const { open } = files;
counted(files, ['link', 'mkdir', 'rename', 'rm', 'rmdir', 'truncate', 'unlink']);
files.open = async (...args) => {
  reach();
  const handle = await open(...args);
  counted(handle, ['write', 'sync', 'datasync', 'truncate']);
  return handle;
};

// Whoever started it may kill it from here on, and is told when it publishes.
process.stdout.write('begun\n');
const onProgress = (event) => {
  if (event.type === 'publish' && event.step === 'started') process.stdout.write('publishing\n');
};
if (config) await restApi(config).run({ ...run, onProgress: (_, event) => onProgress(event) });
else {
  const paged = pages(client({ baseUrl: chain.url }), '/rows', offset({ limit: 5 }));
  const retried = paged.pipe(retry({ maxRetries: 5, initialDelay: 1 }), select('data'));
  const path = chain.options.partitionBy ? `${run.out}/rows` : `${run.out}/rows.parquet`;
  const sink = parquet(path, { ...chain.options, checkpoint: run.checkpoint });
  await runChain(retried.pipe(sink), { onProgress });
}
process.stdout.write(`${JSON.stringify({ calls })}\n`);
