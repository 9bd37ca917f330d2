import type { Mistake } from '../definition-file/index.ts';

/** Something wrong in a file that says which servers there are or what they may do. */
export interface FileMistake extends Mistake {
  /** Such as `.mcp.json`, for people. */
  readonly file: string;
  /** The server that cannot be used because of it. */
  readonly server?: string;
}

/** Line and column, both from 1, as editors write it. */
export function placeOf({ range: { start } }: Pick<Mistake, 'range'>): string {
  return `${start.line + 1}:${start.character + 1}`;
}
