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

export function firstError(mistakes: readonly Mistake[]): Mistake | undefined {
  return mistakes
    .filter(({ severity }) => severity === 'error')
    .reduce<Mistake | undefined>((first, one) => (first && !isBefore(one, first) ? first : one), undefined);
}

export function hasErrors(mistakes: readonly Mistake[]): boolean {
  return mistakes.some(({ severity }) => severity === 'error');
}

function isBefore(a: Mistake, b: Mistake): boolean {
  const [one, other] = [a.range.start, b.range.start];
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}
