// A program that a spec starts and that runs a source, and may kill itself before one of its file system calls. It takes its options as JSON, and
// prints how far it is, and at the end how many calls it made.

import { files } from '../../../dist/lib/stage/index.js';

const { config, chain, run, kill = {} } = JSON.parse(process.argv[2]);
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

// To start is most of what a short life costs: only what is used is loaded.
const library = (path) => import(`../../../dist/${path}/index.js`);
const load = config ? await configured() : await chained();
// Whoever started it may kill it from here on, and is told when it publishes.
process.stdout.write('begun\n');
await load();
process.stdout.write(`${JSON.stringify({ calls })}\n`);

function onProgress(event) {
  if (event.type === 'publish' && event.step === 'started') process.stdout.write('publishing\n');
}

async function configured() {
  const { restApi } = await library('lib/rest-api');
  return () => restApi(config).run({ ...run, onProgress: (_, event) => onProgress(event) });
}

async function chained() {
  const [{ client }, { offset, pages }, { run: runChain }] = await Promise.all(
    ['lib/http', 'lib/pages', 'lib/table'].map(library),
  );
  const [{ retry, select }, { parquet }] = await Promise.all(['operators', 'sinks'].map(library));
  const paged = pages(client({ baseUrl: chain.url }), '/rows', offset({ limit: 5 }));
  const retried = paged.pipe(retry({ maxRetries: 5, initialDelay: 1 }), select('data'));
  const path = chain.options.partitionBy ? `${run.out}/rows` : `${run.out}/rows.parquet`;
  const sink = parquet(path, { ...chain.options, checkpoint: run.checkpoint });
  return () => runChain(retried.pipe(sink), { onProgress });
}
