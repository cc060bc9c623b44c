// Tells a process from another one that has got its number later, or has the same number in another container. Where the system keeps /proc.
import { readFile, readlink } from 'node:fs/promises';

export interface ProcessMark {
  /** In ticks since the machine was started. */
  readonly started: string;
  /** Names the processes among which a number is one process. */
  readonly among: string;
}

/** The mark of a process; empty where the system does not say, or when there is no such process. */
export async function markOf(pid: number | 'self'): Promise<{ readonly process?: ProcessMark }> {
  try {
    const [stat, among] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readlink('/proc/self/ns/pid')]);
    // The name of the program is in parentheses, and may hold anything.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return started === undefined ? {} : { process: { started, among } };
  } catch {
    return {};
  }
}
