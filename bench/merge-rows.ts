// The table that the merge benchmarks change: the same rows as SQL, for the published file, and as objects, for the changes.

/** One statement that gives `rows` rows. */
export function tableQuery(rows: number): string {
  return (
    "SELECT i AS id, 'Project ' || i AS name, ['open', 'closed', 'paused'][(i % 3)::INTEGER + 1] AS status, " +
    'i % 977 AS owner, round(i * 1234.567) / 100 AS budget, CASE WHEN i % 13 <> 0 THEN i % 2 = 0 END AS archived, ' +
    "TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_seconds(i * 7) AS created_at, " +
    `'about ' || md5(i::VARCHAR)[:16] || ' and ' || hash(i) % 1000000 AS description FROM range(${rows}) t(i)`
  );
}

/** A row as it looks after its `revision`th change. */
export function changedRow(id: number, revision: number): Record<string, unknown> {
  return {
    id,
    name: `Project ${id}`,
    status: ['open', 'closed', 'paused'][(id + revision) % 3],
    owner: (id + revision) % 977,
    budget: Math.round(id * 1234.567) / 100 + revision,
    archived: id % 13 === 0 ? null : id % 2 === 0,
    created_at: new Date(Date.UTC(2020, 0, 1) + id * 7000).toISOString(),
    description: `about change ${revision} of ${(id * 2_654_435_761) % 4_294_967_296}`,
  };
}

export type Scenario = 'newest' | 'spread' | 'append';

/** The ids of the rows that come. */
export function idsOf(scenario: Scenario, rows: number, changes: number): number[] {
  return Array.from({ length: changes }, (_, index) => {
    if (scenario === 'append') return rows + index;
    return scenario === 'newest' ? rows - changes + index : Math.floor((index * rows) / changes);
  });
}
