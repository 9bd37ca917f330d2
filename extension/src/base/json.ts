/** Plain data: what survives JSON.stringify and JSON.parse unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/**
 * JSON text in which equal values are equal text: keys sorted by code unit, `undefined` members left out.
 * Hashes of step inputs are taken over it, so it must never change for a value that was once recorded.
 */
export function canonicalJson(value: Json): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const object = value as JsonObject;
  // Without a prototype, `__proto__` is a key like any other.
  const result = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) result[key] = sorted(member);
  }
  return result;
}
