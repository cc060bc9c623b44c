// `sluice json-schema`: the JSON Schema of configurations.
import { configJsonSchema } from '../rest-api/index.js';
import { exitCode } from './failure.js';

/** Prints the JSON Schema. Gives the exit code. */
export async function jsonSchemaCommand(): Promise<number> {
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return exitCode.done;
}
