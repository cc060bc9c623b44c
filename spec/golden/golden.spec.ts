// One loop over the cases of this folder: a configuration, what the API answers, and what must come of it.
import { expect } from 'chai';
import type { SluiceError } from '../../lib/core/index.js';
import { ConfigError } from '../../lib/rest-api/check/problem.js';
import { type GoldenCase, goldenCases, plain, read, startCase } from './golden-case.js';

describe('golden configurations', () => {
  for (const [name, text] of goldenCases) {
    const { title } = JSON.parse(text) as GoldenCase;
    it(`${name}: ${title}`, () => check(text));
  }
});

async function check(text: string): Promise<void> {
  const { api, golden } = await startCase(text);
  try {
    const outcome = await read(golden);
    if (outcome.error === undefined)
      expect(golden, 'the case expects an error').to.not.have.any.keys('error', 'problems');
    else checkError(outcome.error, golden);
    for (const [name, rows] of Object.entries(golden.rows ?? {})) {
      if (typeof rows === 'number') expect(outcome.rows[name], name).to.have.length(rows);
      else if (golden.anyOrder) expect(plain(outcome.rows[name]), name).to.have.deep.members([...rows]);
      else expect(plain(outcome.rows[name]), name).to.deep.equal(rows);
    }
    const lines = api.asked.map(({ line }) => line);
    if (golden.requests && golden.anyOrder) expect(lines).to.have.members([...golden.requests]);
    else if (golden.requests) expect(lines).to.deep.equal(golden.requests);
    if (golden.bodies)
      expect(api.asked.flatMap(({ body }) => (body === undefined ? [] : [body]))).to.deep.equal(golden.bodies);
    for (const [name, value] of Object.entries(golden.headers ?? {})) {
      for (const { headers } of api.asked) expect(headers[name.toLowerCase()] ?? null, name).to.equal(value);
    }
  } finally {
    await api.stop();
  }
}

function checkError(error: SluiceError, { error: expected, problems, secrets = [] }: GoldenCase): void {
  if (!expected && !problems) throw error;
  expect(error.code, error.message).to.equal(expected?.code ?? 'ERR_CONFIG');
  for (const part of expected?.contains ?? []) expect(error.message).to.contain(part);
  for (const secret of secrets) expect(`${error.message}${error.stack}${JSON.stringify(error)}`).to.not.contain(secret);
  if (!problems) return;
  const found = error instanceof ConfigError ? error.problems : [];
  expect(found.map(({ code, path }) => `${code} ${path}`)).to.have.members(problems);
}
