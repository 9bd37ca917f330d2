export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is said about it. */
  readonly words: string;
}

/** The place that a message about a file begins with, as in `.strata/tools.jsonc:3:5: …`; from 1. */
export function placeIn(message: string): Place | undefined {
  const [, file, line, column, words = ''] = /^([^:\n]+):(\d+):(\d+): (.*)/s.exec(message) ?? [];
  return file === undefined ? undefined : { file, line: Number(line), column: Number(column), words };
}
