/** A place in a text, as editors count: lines from 0, characters in UTF-16 units from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface TextRange {
  readonly start: Position;
  readonly end: Position;
}

/** Something wrong in a file that a person wrote. */
export interface Mistake {
  /** Stable, such as `unknown-key`. */
  readonly code: string;
  /** An error keeps the file from being used; a warning does not. */
  readonly severity: 'error' | 'warning';
  /** Begins with the key that it is about, if there is one: `maxSteps: must be …`. */
  readonly message: string;
  readonly range: TextRange;
  /** What was probably meant, to be put in the place of the range. */
  readonly replacement?: string;
}

/** In the order of the file. */
export function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.toSorted(
    ({ range: { start: a } }, { range: { start: b } }) => a.line - b.line || a.character - b.character,
  );
}

export function firstError(mistakes: readonly Mistake[]): Mistake | undefined {
  return inOrder(mistakes).find(({ severity }) => severity === 'error');
}

export function hasErrors(mistakes: readonly Mistake[]): boolean {
  return mistakes.some(({ severity }) => severity === 'error');
}
