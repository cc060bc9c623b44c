// The secrets that the recorded pages were "recorded" with; for a real API they are yours, in the environment or in secrets.toml.

export const credentials = {
  github_token: 'example-token',
  stripe_key: 'sk_example',
  hubspot_token: 'pat-example',
  odata_user: 'keeper',
  odata_password: 'lamp',
} as const;
