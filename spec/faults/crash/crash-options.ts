// How much of the crash suite is run: a sample, or all of it, or a part of all of it beside other parts.

/** SLUICE_CRASHES=all: every call, every way to crash. */
export const isWhole = process.env['SLUICE_CRASHES'] === 'all';

/** SLUICE_CRASH_PART=2/4: the second of four parts, which may run at once and together are the whole. */
const [part = 1, parts = 1] = (process.env['SLUICE_CRASH_PART'] ?? '1/1').split('/').map(Number);

/** The numbers from `from` up to `to` that are tried: all of this part, or so many of them, spread over all, from another one for each `shift`. */
export function tried({
  from = 0,
  to,
  sample,
  shift = 0,
}: {
  from?: number;
  to: number;
  sample: number;
  shift?: number;
}): number[] {
  const all = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  const step = Math.max(1, Math.ceil(all.length / sample));
  return all.filter((at) => (isWhole ? at % parts === part - 1 : at % step === shift % step));
}

/** Whether the load of this number is of this part, where a part is some of the loads. */
export function isMine(index: number): boolean {
  return index % parts === part - 1;
}
