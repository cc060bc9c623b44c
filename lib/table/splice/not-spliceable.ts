// The reason why a file's row groups cannot be copied: never seen by users, the table is then written anew in SQL.

export class NotSpliceable extends Error {
  override readonly name = 'NotSpliceable';
}
