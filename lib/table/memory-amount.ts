// Amounts of memory as DuckDB writes them.
import { OptionError } from '../core/index.js';

const units: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** The bytes of an amount such as `512MB`. @throws OptionError for what DuckDB would not understand */
export function bytesOf(memoryLimit: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B\s*$/i.exec(memoryLimit);
  if (!match) throw new OptionError('memoryLimit', `must be an amount such as 512MB or 2GB, not ${memoryLimit}`);
  return Number(match[1]) * units[match[2]!.toUpperCase()]!;
}

export function halfOf(memoryLimit: string): string {
  return `${Math.floor(bytesOf(memoryLimit) / 2000)}KB`;
}
