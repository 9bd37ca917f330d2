import type { Json } from '../../../base/json.ts';

/** What a person made of a value; undefined: it is left out. */
export interface Edited {
  readonly value: Json | undefined;
}
