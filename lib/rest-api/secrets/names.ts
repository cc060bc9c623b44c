// Under which names dlt looks for a secret of a `rest_api` source.

/** The names for `{secrets.NAME}`: as it is written, then below the source's sections, the nearest first. */
export function placeholderNames(secret: string, source: string | undefined): string[] {
  return [secret, ...sections(source).map((section) => `${section}.${secret}`)];
}

/** The names for a field of an auth that the configuration leaves out. */
export function credentialNames(field: string, source: string | undefined): string[] {
  return [...sections(source).map((section) => `${section}.credentials.${field}`), `credentials.${field}`];
}

function sections(source: string | undefined): string[] {
  return [...(source === undefined ? [] : [`sources.rest_api.${source}`]), 'sources.rest_api', 'sources'];
}
