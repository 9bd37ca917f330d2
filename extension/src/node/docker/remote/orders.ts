import type { Wanted } from './place.ts';

/** What is said to the program in the container. All but `write` and `content` are answered, lastly by `done`. */
export type Order =
  | { readonly do: 'write'; readonly entry: Wanted }
  | { readonly do: 'content' }
  | { readonly do: 'remove'; readonly paths: readonly string[] }
  | { readonly do: 'scan' }
  | { readonly do: 'read'; readonly paths: readonly string[] };
