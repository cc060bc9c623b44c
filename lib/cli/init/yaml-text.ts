// A configuration as YAML. A file of its own, loaded when YAML is written: the package of YAML takes a while to load.
import { stringify } from 'yaml';
import type { RestApiConfig } from '../../rest-api/index.js';

export function yamlText(config: RestApiConfig): string {
  return stringify(config);
}
