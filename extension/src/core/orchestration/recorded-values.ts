import type { Json, JsonObject } from '../../base/json.ts';

// What a log holds was written by some version of this program, or by hand: each of these says nothing where it is otherwise.

export function valueAt(value: Json | undefined, key: string): Json | undefined {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value))
    return undefined;
  return Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
}

export function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The text of a message's or a result's parts. */
export function textPartsIn(content: Json | undefined): string {
  if (!Array.isArray(content)) return '';
  return (content as readonly Json[])
    .filter((part) => valueAt(part, 'type') === 'text')
    .map((part) => textIn(valueAt(part, 'text')))
    .join('\n')
    .trim();
}
