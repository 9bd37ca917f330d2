import type { Json, JsonObject } from '../../../extension/src/base/json.ts';
import { check } from './script.ts';

export function object(value: Json | undefined, where: string): JsonObject {
  check(isObject(value), `${where}: expected an object`);
  return value;
}

export function list(value: Json | undefined, where: string): readonly Json[] {
  check(isList(value), `${where}: expected an array`);
  return value;
}

export function text(value: Json | undefined, where: string): string {
  check(typeof value === 'string', `${where}: expected a string`);
  return value;
}

export function parseObject(source: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return isObject(value) ? value : undefined;
  } catch {
    // The caller answers 400, as the official servers do.
    return undefined;
  }
}

/** JSON.parse and its members yield nothing but JSON, so only the outer type is open. */
function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
