// Amounts of memory as people write them: `512MB`, `1.5 GiB`.

const units: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** What an amount of memory looks like. */
export const memoryText = /^\s*(\d+(?:\.\d+)?)\s*([kmg]i?b)\s*$/i;

/** The bytes of an amount of memory; `undefined` for a text that is none. */
export function memoryBytes(text: string): number | undefined {
  const [, amount, unit] = memoryText.exec(text) ?? [];
  return amount === undefined || unit === undefined
    ? undefined
    : Math.floor(Number(amount) * units[unit.toLowerCase()]!);
}
