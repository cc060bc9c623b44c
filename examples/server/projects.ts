// The demo API's data: a few thousand projects, the same at each start, and a way to change some of them.

/** A project as the API sends it. Fields that are not set on a project are missing from its JSON. */
export interface Project {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly archived: boolean;
  /** The number in the bookkeeping system: an integer beyond 2^53. */
  readonly ledger_id: bigint;
  readonly description: string | null;
  readonly progress: number;
  readonly budget: { readonly amount: number; readonly currency: string } | null;
  readonly owner: { readonly id: number; readonly name: string; readonly email: string | null; readonly team: Team };
  readonly tags: readonly string[];
  readonly milestones: readonly { readonly name: string; readonly due: string | null; readonly done: boolean }[];
  readonly start_date: string;
  readonly due_date: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  /** Came to the API later: only projects that were added or changed since the start have it. */
  readonly risk?: { readonly level: string; readonly score: number };
}

interface Team {
  readonly name: string;
  readonly country: string;
}

/** What a change did, for whoever wants to compare. */
export interface Change {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
}

const first = ['Ana', 'Björn', 'Chloé', 'Đorđe', 'Emeka', 'Fatima', 'Grzegorz', 'Hana', '陽子', 'Zoë', 'Нина', 'عمر'];
const last = ['Åberg', 'Müller', "O'Neill", 'Peña', 'Šimić', '田中', 'Иванова', 'Nguyễn', 'da Silva', 'Öztürk'];
const verbs = ['Rebuild', 'Move', 'Audit', 'Extend', 'Replace', 'Paint', 'Measure', 'Translate'];
const things = [
  'the harbour wall',
  'Łódź depot',
  'invoice archive',
  'café “Zürich”',
  '東京 office',
  'lock № 7',
  'weir 🌊',
];
const statuses = ['planned', 'active', 'on hold', 'done'];
const tags = ['urgent', 'internal', 'paid', 'naïve', 'quote "this"', 'comma, inside', '日本語', '🚢'];
const teams: readonly Team[] = [
  { name: 'North', country: 'NO' },
  { name: 'Centre', country: 'CH' },
  { name: 'South', country: 'PT' },
];
const offsets = ['Z', '+00:00', '+02:00', '-07:00', '+05:45'];
const day = 86_400_000;
const start = Date.UTC(2021, 0, 4);

/** Holds the projects, newest first, as the API lists them. */
export class Projects {
  readonly #byAge: Project[] = [];

  constructor(count: number) {
    for (let id = 1; id <= count; id++) this.#byAge.push(make(id));
  }

  get total(): number {
    return this.#byAge.length;
  }

  /** A part of the list. A project that is added between two pages pushes one row of the first into the second. */
  page(offset: number, limit: number): readonly Project[] {
    const end = Math.max(0, this.total - offset);
    return this.#byAge.slice(Math.max(0, end - limit), end).reverse();
  }

  add(count: number): void {
    for (let n = 0; n < count; n++) {
      const id = this.total + 1;
      this.#byAge.push({ ...make(id), risk: { level: 'low', score: id / 8 } });
    }
  }

  /** Changes `updated` projects, spread over the whole list, and adds `added` new ones. */
  change(updated: number, added: number): Change {
    const before = this.total;
    const step = Math.max(1, Math.floor(before / Math.max(1, updated)));
    let done = 0;
    for (let at = 0; at < before && done < updated; at += step) {
      const old = this.#byAge[at]!;
      const changed = new Date(Date.parse(old.updated_at) + 400 * day).toISOString();
      this.#byAge[at] = {
        ...old,
        status: 'closed',
        closed_at: changed,
        updated_at: changed,
        risk: { level: 'high', score: old.id / 8 },
      };
      done += 1;
    }
    this.add(added);
    return { added, updated: done, unchanged: before - done };
  }
}

function make(id: number): Project {
  const random = generator(id);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const chance = (share: number): boolean => random() < share;
  const begin = start + Math.floor(random() * 1200) * day;
  const created = begin - Math.floor(random() * 90 * day);
  const due = chance(0.7) ? date(begin + Math.floor(30 + random() * 400) * day) : null;
  const owner = `${pick(first)} ${pick(last)}`;
  const ownerId = 1 + Math.floor(random() * 200);
  return {
    id,
    name: `${pick(verbs)} ${pick(things)} ${id}`,
    status: pick(statuses),
    archived: chance(0.1),
    ledger_id: 9_007_199_254_740_993n + BigInt(id) * 1_000_003n,
    description: chance(0.6) ? `Line one of ${id}\nline two, with a tab\tand “quotes”` : null,
    progress: Math.round(random() * 1000) / 1000,
    budget: chance(0.8) ? { amount: Math.round(random() * 5e7) / 100, currency: pick(['EUR', 'CHF', 'JPY']) } : null,
    owner: { id: ownerId, name: owner, email: chance(0.9) ? `owner${ownerId}@example.org` : null, team: pick(teams) },
    tags: tags.filter(() => chance(0.25)),
    milestones: Array.from({ length: Math.floor(random() * 4) }, (_, n) => ({
      name: `Milestone ${n + 1}`,
      due: chance(0.5) ? date(begin + (n + 1) * 30 * day) : null,
      done: chance(0.5),
    })),
    start_date: date(begin),
    due_date: due,
    created_at: withOffset(created, pick(offsets)),
    updated_at: new Date(created + Math.floor(random() * 100 * day)).toISOString(),
    closed_at: null,
  };
}

function date(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** The instant as a clock in another time zone shows it, to the second. */
function withOffset(milliseconds: number, offset: string): string {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  const shift = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0;
  return new Date(milliseconds + shift).toISOString().slice(0, 19) + offset;
}

/** Numbers from 0 to 1 that are the same at each start (mulberry32). */
function generator(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
