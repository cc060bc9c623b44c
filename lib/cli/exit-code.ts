// What the command ends with.

export const exitCode = {
  done: 0,
  /** The run failed. */
  failed: 1,
  /** The configuration or the command line is wrong. */
  wrong: 2,
  /** SIGINT or SIGTERM. */
  interrupted: 130,
} as const;
