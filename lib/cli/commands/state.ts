// `sluice state`: its place on the command line.
import type { Command } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';
import { hasTables, readsConfig } from '../flags.js';
import type { StateFlags } from '../state-command.js';

export function declareState(program: Command, end: End): void {
  const state = program.command('state').description('what a later run must know: show it, forget it, set it');
  examples(state, [
    ['sluice state show shop.yaml', 'how far each resource has been read'],
    ['sluice state reset shop.yaml orders', 'the next run reads all orders'],
    ['sluice state set shop.yaml orders 2024-01-01', 'the next run reads orders from then on'],
  ]);
  const show = hasTables(readsConfig(state.command('show')))
    .description('print how far each resource has been read')
    .option('--json', 'as JSON, for programs');
  examples(show, [
    ['sluice state show shop.yaml', 'a line for each resource with a cursor'],
    ['sluice state show shop.yaml --json', 'for programs'],
  ]).action(async (config: string, flags: StateFlags) => {
    const { showState } = await import('../state-command.js');
    end(await showState(config, flags));
  });
  const reset = hasTables(readsConfig(state.command('reset')))
    .description('forget how far a resource has been read: the next run reads all of it')
    .argument('<resource>', "the resource's name");
  examples(reset, [['sluice state reset shop.yaml orders', 'the rows of the table stay']]).action(
    async (config: string, resource: string, flags: StateFlags) => {
      const { resetState } = await import('../state-command.js');
      end(await resetState(config, resource, flags));
    },
  );
  const set = hasTables(readsConfig(state.command('set')))
    .description('make the next run go on from a value')
    .argument('<resource>', "the resource's name")
    .argument('<value>', "a value of the resource's cursor");
  examples(set, [
    ['sluice state set shop.yaml orders 2024-01-01T00:00:00Z', 'a time'],
    ['sluice state set shop.yaml events 118043', 'a number'],
  ]).action(async (config: string, resource: string, value: string, flags: StateFlags) => {
    const { setState } = await import('../state-command.js');
    end(await setState(config, { resource, value }, flags));
  });
}
