// A command line as a person would type it into a shell.

/** The words with quotes where a shell needs them. */
export function shellQuote(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** The command that is running. */
export function commandLine(): string {
  return shellQuote(['sluice', ...process.argv.slice(2)]);
}
