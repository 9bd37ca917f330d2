import type { JsonObject } from '../../../base/json.ts';

export interface PlannedCall {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** What the demo model does next. */
export type Move =
  | { readonly kind: 'call'; readonly say: string; readonly calls: readonly PlannedCall[] }
  | { readonly kind: 'answer'; readonly say: string };

export const TOOL = {
  recall: 'memory_search',
  read: 'files_read',
  edit: 'files_edit',
  find: 'files_search',
  run: 'shell_run',
} as const;

export function call(say: string, ...calls: readonly PlannedCall[]): Move {
  return { kind: 'call', say, calls };
}

export function answer(...paragraphs: readonly string[]): Move {
  return { kind: 'answer', say: paragraphs.filter((text) => text !== '').join('\n\n') };
}
