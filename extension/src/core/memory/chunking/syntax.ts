/** A definition that a parser found. Lines count from 0, `end` is excluded; what stands above it (a doc comment, decorators) is in it. */
export interface Definition {
  readonly start: number;
  readonly end: number;
  /** Its own name, without those around it; absent for a wrapper without a name, such as a function called at once. */
  readonly name?: string;
  /** Members, and what is defined inside of one that is too long to be a piece. */
  readonly inner: readonly Definition[];
}

export interface Outline {
  readonly definitions: readonly Definition[];
  /** Lines at which statements begin in what is too long to be one piece, each with how deep it is nested. */
  readonly breaks: ReadonlyMap<number, number>;
}

/** Knows the grammar of languages. */
export interface SyntaxParser {
  /**
   * What is defined in a file, or undefined where it knows no grammar for it, or the text is too broken or too costly.
   * The answer depends on path and text alone, never on time.
   */
  outline(path: string, text: string): Outline | undefined;
}
