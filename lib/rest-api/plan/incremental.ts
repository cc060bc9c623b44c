// Finds the cursor of an endpoint, wherever the configuration says it, and fills in its defaults.
import type { IncrementalConfig, IncrementalParam } from '../config/incremental-schema.js';
import type { EndpointConfig } from '../config/resource-schema.js';
import type { IncrementalPlan } from '../incremental/cursor-plan.js';

export function isIncrementalParam(value: unknown): value is IncrementalParam {
  return typeof value === 'object' && value !== null && (value as Partial<IncrementalParam>).type === 'incremental';
}

/** All that an endpoint says of cursors; more than one is a mistake. */
export function incrementalsOf({ incremental, params }: EndpointConfig): IncrementalConfig[] {
  const inParams = Object.entries(params ?? {}).flatMap(([name, value]): IncrementalConfig[] => {
    if (!isIncrementalParam(value)) return [];
    const { type: _, ...options } = value;
    return [{ ...options, start_param: name }];
  });
  return [...(incremental ? [incremental] : []), ...inParams];
}

export function planIncremental(
  endpoint: EndpointConfig,
  more: { readonly keepsDuplicates: boolean; readonly sharedAs?: string },
): IncrementalPlan | undefined {
  const [config] = incrementalsOf(endpoint);
  if (config === undefined) return undefined;
  const key = config.primary_key ?? undefined;
  const none = Array.isArray(key) && key.length === 0;
  return {
    cursorPath: config.cursor_path,
    cursorFrom: config.cursor_from ?? 'rows',
    initialValue: config.initial_value ?? undefined,
    endValue: config.end_value ?? undefined,
    direction: config.last_value_func ?? (config.cursor_from && config.cursor_from !== 'rows' ? 'last' : 'max'),
    // Where a merge or a replace leaves one row for each key, rows that come again do no harm, and nothing needs to be remembered.
    boundaryKey: none || !more.keepsDuplicates ? undefined : [key ?? []].flat(),
    rowOrder: config.row_order ?? undefined,
    lag: config.lag ?? 0,
    onMissing: config.on_cursor_value_missing ?? 'raise',
    rangeStart: config.range_start ?? 'closed',
    rangeEnd: config.range_end ?? 'open',
    startParam: config.start_param,
    endParam: config.end_param,
    convert: config.convert,
    window: config.window ?? undefined,
    perParent: config.per_parent ?? false,
    sharedAs: config.shared_as ?? more.sharedAs,
  };
}
