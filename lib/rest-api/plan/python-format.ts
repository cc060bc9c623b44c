// Python's format specifications, as in `{id:>5}`, `{price:.2f}`, `{n:08,d}`.
import { pythonText } from './python-text.js';

/** A specification that is not one, or that does not fit its value; the message says why. */
export class FormatFault extends Error {}

const grammar = /^(?:(.)?([<>=^]))?([+\- ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su;

interface Spec {
  readonly fill: string;
  readonly align: string | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/** @throws FormatFault */
export function checkFormat(spec: string): void {
  parse(spec);
}

/** `format(value, spec)`. @throws FormatFault */
export function pythonFormat(value: unknown, spec: string): string {
  if (spec === '') return pythonText(value);
  const parsed = parse(spec);
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(value, parsed);
  if (typeof value === 'boolean' && parsed.type !== 's') return formatNumber(Number(value), parsed);
  if (parsed.type !== '' && parsed.type !== 's') {
    throw new FormatFault(`the format ":${spec}" is for a number, and the value is ${JSON.stringify(value)}`);
  }
  const text = pythonText(value);
  return pad(parsed.precision === undefined ? text : [...text].slice(0, parsed.precision).join(''), parsed, '<');
}

function parse(spec: string): Spec {
  const match = grammar.exec(spec);
  if (match === null) throw new FormatFault(`":${spec}" is not a format of Python`);
  const [, fill, align, sign = '-', alternate, zero, width = '0', grouping = '', precision, type = ''] = match;
  return {
    fill: fill ?? (zero !== undefined && align === undefined ? '0' : ' '),
    align: align ?? (zero === undefined ? undefined : '='),
    sign,
    alternate: alternate !== undefined,
    width: Number(width),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
}

function formatNumber(value: number | bigint, spec: Spec): string {
  const negative = value < 0 || Object.is(value, -0);
  const size = negative ? -value : value;
  const sign = negative ? '-' : spec.sign === '-' ? '' : spec.sign;
  const { prefix, digits } = magnitude(size as number | bigint, spec);
  const [whole = '', ...rest] = digits.split(/(?=[.e%])/i);
  const tail = rest.join('');
  const grouped = group(whole, spec, spec.width - sign.length - prefix.length - tail.length);
  return pad(grouped + tail, spec, '>', sign + prefix);
}

/** Digits in groups of three. Zeros that fill the width are grouped as well, and never begin with a separator. */
function group(whole: string, { grouping, fill, align }: Spec, width: number): string {
  if (grouping === '') return whole;
  const inGroups = (digits: string) => digits.replace(/\B(?=(?:\w{3})+$)/g, grouping);
  let digits = whole;
  while (align === '=' && fill === '0' && inGroups(digits).length < width) digits = `0${digits}`;
  return inGroups(digits);
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

function magnitude(size: number | bigint, { type, precision, alternate }: Spec): { prefix: string; digits: string } {
  const base = bases[type];
  if (base !== undefined) {
    const digits = size.toString(base);
    return { prefix: alternate ? `0${type}` : '', digits: type === 'X' ? digits.toUpperCase() : digits };
  }
  const number = Number(size);
  switch (type) {
    case 'd':
    case 'n':
      if (typeof size === 'number' && !Number.isInteger(size))
        throw new FormatFault(`":${type}" is for whole numbers, and the value is ${size}`);
      return { prefix: '', digits: String(size) };
    case 'c':
      return { prefix: '', digits: String.fromCodePoint(number) };
    case 'f':
    case 'F':
      return { prefix: '', digits: fixed(number, precision ?? 6) };
    case '%':
      return { prefix: '', digits: `${fixed(number * 100, precision ?? 6)}%` };
    case 'e':
    case 'E': {
      const digits = number.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2');
      return { prefix: '', digits: type === 'E' ? digits.toUpperCase() : digits };
    }
    default:
      return {
        prefix: '',
        digits: precision === undefined && type === '' ? String(size) : general(number, precision ?? 6),
      };
  }
}

/** As toFixed, which from 1e21 on would write an exponent. */
function fixed(number: number, precision: number): string {
  if (number < 1e21) return number.toFixed(precision);
  return `${BigInt(number)}${precision === 0 ? '' : `.${'0'.repeat(precision)}`}`;
}

function general(number: number, precision: number): string {
  const digits = number.toPrecision(Math.max(1, precision));
  const plain = digits.includes('.') ? digits.replace(/\.?0+(?=e|$)/, '') : digits;
  return plain.replace(/e([+-])(\d)$/, 'e$10$2');
}

function pad(text: string, { fill, align, width }: Spec, usual: string, before = ''): string {
  const missing = width - [...(before + text)].length;
  if (missing <= 0) return before + text;
  switch (align ?? usual) {
    case '<':
      return before + text + fill.repeat(missing);
    case '^':
      return fill.repeat(missing >> 1) + before + text + fill.repeat(missing - (missing >> 1));
    case '=':
      return before + fill.repeat(missing) + text;
    default:
      return fill.repeat(missing) + before + text;
  }
}
