// A program that a spec starts and that runs a source, and may kill itself: before one of its file system calls, or some time after it began to
// publish. It takes its options as JSON, and prints how many calls it made.

import { restApi } from '../../../dist/lib/rest-api/index.js';
import { files } from '../../../dist/lib/stage/index.js';

const { config, run, kill = {} } = JSON.parse(process.argv[2]);
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

const onProgress = (_, event) => {
  if (event.type === 'publish' && event.step === 'started' && kill.publishing !== undefined) {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), kill.publishing);
  }
};
await restApi(config).run({ ...run, onProgress });
process.stdout.write(JSON.stringify({ calls }));
