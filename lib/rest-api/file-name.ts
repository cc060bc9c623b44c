// Files that are called after a resource, whose name may be any text.

/** A name for a file in one folder: slashes and whatever else may mean something there become their codes. */
export function fileNameOf(resource: string): string {
  return resource.replace(/[^\w.-]/gu, (char) => `%${char.codePointAt(0)!.toString(16)}`);
}
