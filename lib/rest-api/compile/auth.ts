// Makes the client's authentication of what a configuration says of it.
import { type AuthScheme, apiKey, basic, bearer } from '../../http/index.js';
import type { AuthConfig, AuthType } from '../config/auth-schema.js';

/** The types that can be used. */
export const supportedAuth: readonly AuthType[] = ['bearer', 'api_key', 'http_basic'];

type Filled = Exclude<AuthConfig, string>;

/** `secrets` are all secrets of the configuration: none of them may be shown, wherever the configuration puts it. */
export function compileAuth(config: Filled | null | undefined, secrets: readonly string[]): AuthScheme | undefined {
  if (!config) return secrets.length === 0 ? undefined : { type: 'none', secrets, apply: (request) => request };
  const scheme = toScheme(config);
  return { ...scheme, secrets: [...(scheme.secrets ?? []), ...secrets] };
}

function toScheme(config: Filled): AuthScheme {
  switch (config.type) {
    case 'api_key':
      return apiKey({
        apiKey: config.api_key ?? '',
        ...(config.name !== undefined && { name: config.name }),
        ...(config.location !== undefined && { location: config.location }),
      });
    case 'http_basic':
      return basic({ username: config.username ?? '', password: config.password ?? '' });
    case 'oauth2_client_credentials':
      throw new RangeError('the check refuses this type');
    default:
      return bearer(config.token ?? '');
  }
}
