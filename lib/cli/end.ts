// What a command's declaration is given to say how it ended.

/** Is given what a command comes to: its exit code. */
export type End = (code: number) => void;
