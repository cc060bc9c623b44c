// What happens when a resource cannot be read for one row of its parent.
import type { ResourceConfig } from '../config/resource-schema.js';

export type ErrorPlan =
  /** The run fails. */
  | { readonly action: 'fail' }
  /** The row is left out and written down; more than so many fail the run. */
  | { readonly action: 'skip'; readonly maxFailures: number };

/** A server that is down is not asked for each of a million rows. */
const defaultMaxFailures = 100;

export function planOnError(config: ResourceConfig['on_error']): ErrorPlan {
  if (config == null || config === 'fail') return { action: 'fail' };
  const { max_failures: maxFailures = defaultMaxFailures } = config === 'skip' ? {} : config;
  return { action: 'skip', maxFailures };
}
