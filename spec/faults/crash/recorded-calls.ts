// The system calls by which a process changes files, as strace records them: those of the engine, too, which writes past the library's file system.
import { execFile, spawnSync } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** Whether processes can be recorded here. */
export const canRecord =
  process.env['SLUICE_STRACE'] === 'needed' ||
  (process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0);

/** What a call did, with the paths of the files as they were then. */
export type Call =
  | { readonly type: 'create'; readonly path: string }
  | { readonly type: 'mkdir'; readonly path: string }
  | { readonly type: 'remove'; readonly path: string }
  | { readonly type: 'link'; readonly path: string; readonly to: string }
  | { readonly type: 'rename'; readonly path: string; readonly to: string }
  | { readonly type: 'truncate'; readonly path: string; readonly length: number }
  | { readonly type: 'extend'; readonly path: string; readonly length: number }
  | { readonly type: 'write'; readonly path: string; readonly data: Buffer; readonly at: number | 'end' }
  | {
      readonly type: 'copy';
      readonly path: string;
      readonly to: string;
      readonly from: number;
      readonly at: number;
      readonly length: number;
    }
  /** Covers what was done before it began: the calls with a smaller number. */
  | { readonly type: 'sync'; readonly path: string; readonly began: number }
  /** Not of a file: a line that the process has written to its output. */
  | { readonly type: 'said'; readonly line: string };

const names = [
  ...[
    'openat',
    'write',
    'writev',
    'pwrite64',
    'pwritev',
    'lseek',
    'ftruncate',
    'truncate',
    'fallocate',
    'copy_file_range',
    'sendfile',
  ],
  ...['fsync', 'fdatasync', 'rename', 'link', 'unlink', 'mkdir', 'rmdir'],
];

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Packages that do not work as part of one file. */
const external = ['@duckdb/*', 'parquetjs-lite'];

/** Makes one file of `recorded-load.ts` and nearly all that it imports: it starts in half the time, and is started for each call. */
export async function buildProgram(folder: string): Promise<string> {
  const outfile = join(folder, 'recorded-load.mjs');
  const entryPoints = [fileURLToPath(new URL('recorded-load.ts', import.meta.url))];
  // Packages that are no modules ask for what is built into Node.
  const js =
    "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', external, banner: { js } });
  // It finds the other packages, and its own version, as in the package.
  for (const name of ['node_modules', 'package.json']) await symlink(join(root, name), join(folder, name));
  return outfile;
}

/** Runs a program, and returns what it did to the files below `folder`. */
export async function record(command: readonly string[], folder: string): Promise<Call[]> {
  const file = `${folder}.calls`;
  const options = ['-f', '--seccomp-bpf', '-y', '-xx', '-s', '8388608', '-o', file, '-e', `trace=${names.join(',')}`];
  await promisify(execFile)('strace', [...options, process.execPath, ...command]);
  return new Recording(folder).read(await readFile(file, 'latin1'));
}

const hex = '((?:\\\\x[0-9a-f]{2})*)';
const file = `(\\d+)<${hex}>`;
const string = `"${hex}"`;

/** Each call as strace writes it, and what it means. The groups are given without the whole. */
const patterns: readonly (readonly [
  RegExp,
  (recording: Recording, found: readonly string[], result: number) => void,
])[] = [
  [
    new RegExp(`^openat\\([^,]+, ${string}, ([A-Z_|]+)`),
    (recording, [path = '', flags = ''], opened) => recording.open(text(path), flags, opened),
  ],
  [
    new RegExp(`^write\\(${file}, ${string}`),
    (recording, [number, path = '', data = ''], length) =>
      recording.write(Number(number), text(path), bytes(data).subarray(0, length)),
  ],
  [
    new RegExp(`^writev\\(${file}, \\[(.*)\\]`),
    (recording, [number, path = '', parts = ''], length) =>
      recording.write(Number(number), text(path), joined(parts).subarray(0, length)),
  ],
  [
    new RegExp(`^pwrite64\\(${file}, ${string}, \\d+, (\\d+)`),
    (recording, [, path = '', data = '', at], length) =>
      recording.add({ type: 'write', path: text(path), data: bytes(data).subarray(0, length), at: Number(at) }),
  ],
  [
    new RegExp(`^pwritev\\(${file}, \\[(.*)\\], \\d+, (\\d+)`),
    (recording, [, path = '', parts = '', at], length) =>
      recording.add({ type: 'write', path: text(path), data: joined(parts).subarray(0, length), at: Number(at) }),
  ],
  [new RegExp(`^lseek\\(${file}`), (recording, [number], at) => recording.seek(Number(number), at)],
  [
    new RegExp(`^ftruncate\\(${file}, (\\d+)`),
    (recording, [, path = '', length]) => recording.add({ type: 'truncate', path: text(path), length: Number(length) }),
  ],
  [
    new RegExp(`^truncate\\(${string}, (\\d+)`),
    (recording, [path = '', length]) => recording.add({ type: 'truncate', path: text(path), length: Number(length) }),
  ],
  [
    new RegExp(`^fallocate\\(${file}, 0, (\\d+), (\\d+)`),
    (recording, [, path = '', at, length]) =>
      recording.add({ type: 'extend', path: text(path), length: Number(at) + Number(length) }),
  ],
  [
    new RegExp(`^copy_file_range\\(${file}, (?:\\[(\\d+)\\]|NULL), ${file}, (?:\\[(\\d+)\\]|NULL)`),
    (recording, [from, path = '', start, number, to = '', at], length) =>
      recording.copy(
        { number: Number(from), path: text(path), at: start },
        { number: Number(number), path: text(to), at },
        length,
      ),
  ],
  [
    new RegExp(`^sendfile\\(${file}, ${file}, (?:\\[(\\d+)\\]|NULL)`),
    (recording, [number, to = '', from, path = '', start], length) =>
      recording.copy(
        { number: Number(from), path: text(path), at: start },
        { number: Number(number), path: text(to), at: undefined },
        length,
      ),
  ],
  [new RegExp(`^f(?:data)?sync\\(${file}`), (recording, [, path = '']) => recording.sync(text(path))],
  [
    new RegExp(`^(rename|link)\\(${string}, ${string}`),
    (recording, [type, path = '', to = '']) =>
      recording.add({ type: type === 'link' ? 'link' : 'rename', path: text(path), to: text(to) }),
  ],
  [new RegExp(`^mkdir\\(${string}`), (recording, [path = '']) => recording.add({ type: 'mkdir', path: text(path) })],
  [
    new RegExp(`^(?:unlink|rmdir)\\(${string}`),
    (recording, [path = '']) => recording.add({ type: 'remove', path: text(path) }),
  ],
];

/** A place in a file: as it says, or where the process is in it. */
interface Place {
  readonly number: number;
  readonly path: string;
  readonly at: string | undefined;
}

/** Reads a record, and keeps in mind where the process is in each file that it has opened. */
class Recording {
  readonly #folder: string;
  readonly #calls: Call[] = [];
  readonly #offsets = new Map<number, number | 'end'>();
  /** How many calls there were when the one that is being read began. */
  #began = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(content: string): Call[] {
    const unfinished = new Map<string, { readonly text: string; readonly began: number }>();
    for (const line of content.split('\n')) {
      const [, thread = '', said = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
      const cut = said.indexOf(' <unfinished ...>');
      if (cut >= 0) {
        unfinished.set(thread, { text: said.slice(0, cut), began: this.#calls.length });
        continue;
      }
      const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(said)?.[1];
      const whole = rest === undefined ? undefined : unfinished.get(thread);
      this.#began = whole?.began ?? this.#calls.length;
      this.#readCall(`${whole?.text ?? ''}${rest ?? said}`);
    }
    return this.#calls;
  }

  #readCall(call: string): void {
    const result = / = (\d+)(?:<[^>]*>)?$/.exec(call)?.[1];
    // It has failed, or is the end of the process.
    if (result === undefined) return;
    for (const [pattern, meaning] of patterns) {
      const found = pattern.exec(call);
      if (found === null) continue;
      meaning(this, found.slice(1), Number(result));
      return;
    }
    if (call.includes(hexOf(this.#folder))) throw new Error(`a call that is not known: ${call.slice(0, 200)}`);
  }

  open(path: string, flags: string, opened: number): void {
    if (!this.#isHere(path)) return;
    this.#offsets.set(opened, flags.includes('O_APPEND') ? 'end' : 0);
    if (flags.includes('O_CREAT')) this.add({ type: 'create', path });
    if (flags.includes('O_TRUNC')) this.add({ type: 'truncate', path, length: 0 });
  }

  write(number: number, path: string, data: Buffer): void {
    if (number === 1 && !path.startsWith('/')) {
      for (const line of data.toString().trimEnd().split('\n')) this.#calls.push({ type: 'said', line });
    } else if (this.#isHere(path)) {
      this.add({ type: 'write', path, data, at: this.#move(number, data.length) });
    }
  }

  seek(number: number, at: number): void {
    if (this.#offsets.get(number) !== 'end') this.#offsets.set(number, at);
  }

  copy(from: Place, to: Place, length: number): void {
    if (!this.#isHere(to.path) || length === 0) return;
    const place = ({ number, at }: Place): number =>
      at === undefined ? Number(this.#move(number, length)) : Number(at);
    this.add({ type: 'copy', path: from.path, to: to.path, from: place(from), at: place(to), length });
  }

  sync(path: string): void {
    this.add({ type: 'sync', path, began: this.#began });
  }

  add(call: Call): void {
    if (call.type === 'said' || this.#isHere(call.path)) this.#calls.push(call);
  }

  /** Where the process was in a file; it is so many bytes on now. */
  #move(number: number, length: number): number | 'end' {
    const at = this.#offsets.get(number) ?? 0;
    if (at !== 'end') this.#offsets.set(number, at + length);
    return at;
  }

  #isHere(path: string): boolean {
    return path === this.#folder || path.startsWith(`${this.#folder}/`);
  }
}

function bytes(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex');
}

function text(escaped: string): string {
  return bytes(escaped).toString();
}

function hexOf(path: string): string {
  return [...Buffer.from(path)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/** What a call with several buffers writes. */
function joined(parts: string): Buffer {
  return Buffer.concat([...parts.matchAll(/iov_base="([^"]*)"/g)].map(([, part = '']) => bytes(part)));
}
