import type { Json, JsonObject } from '../../../extension/src/base/json.ts';
import type { ToolDefinition } from '../../../extension/src/protocol/message.ts';
import { check, type Understood } from './script.ts';

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

/** The members of a request's body that both formats have under the same names. */
export function commonMembers(
  body: JsonObject,
  toTool: (tool: Json) => ToolDefinition,
): Omit<Understood, 'messages'> {
  return {
    model: text(body.model, 'model'),
    stream: body.stream === true,
    tools: body.tools === undefined ? [] : list(body.tools, 'tools').map(toTool),
  };
}

/** A tool as both formats describe it, each with names of its own for where and how. */
export function tool(
  { name, description, schema }: Readonly<Record<'name' | 'description' | 'schema', Json | undefined>>,
  {
    where,
    longest,
    schemaName,
  }: { readonly where: string; readonly longest: number; readonly schemaName: string },
): ToolDefinition {
  const named = text(name, `${where}.name`);
  check(
    named.length <= longest && /^[A-Za-z0-9_-]+$/.test(named),
    `${where}.name: does not match the pattern`,
  );
  return {
    name: named,
    description: text(description ?? '', 'description'),
    inputSchema: object(schema, schemaName),
  };
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
