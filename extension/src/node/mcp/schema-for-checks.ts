import type { Json, JsonObject } from '../../base/json.ts';

/** A schema as the validator can take it. */
export interface PreparedSchema {
  readonly schema: Record<string, unknown>;
  readonly draft: '4' | '7' | '2019-09' | '2020-12';
  /** It has regular expressions or refers to itself, either of which can take for ever. */
  readonly needsWatching: boolean;
  /** What of it is not checked, in words; the server checks it itself. */
  readonly leftOut: readonly string[];
}

/** Deeper ones are refused, since the validator goes down by recursion. */
const deepest = 64;

/** Their values are data, in which a `$ref` or a `pattern` is no keyword. */
const data = new Set(['const', 'enum', 'default', 'examples']);
/** Their values are maps from names, which are no keywords either, to schemas. */
const maps = new Set(['properties', '$defs', 'definitions', 'dependentSchemas', 'patternProperties']);

/**
 * A copy, since the validator writes into what it is given. Expressions that JavaScript does not know and references to
 * other documents, which are never fetched, are left out: most servers that have such mean no harm.
 */
export function prepareSchema(given: JsonObject): PreparedSchema {
  const leftOut: string[] = [];
  let needsWatching = false;

  const schemaAt = (value: Json | undefined, depth: number): unknown => {
    if (depth > deepest) throw new Error(`it is nested more than ${deepest} levels deep`);
    if (Array.isArray(value)) return value.map((one: Json) => schemaAt(one, depth + 1));
    if (value === null || typeof value !== 'object') return value;
    const copy: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value as JsonObject)) {
      if (data.has(key)) copy[key] = structuredClone(member);
      else if (maps.has(key) && isObject(member)) copy[key] = mapAt(key, member, depth + 1);
      else if (key === 'pattern' && typeof member === 'string') {
        needsWatching = true;
        if (isExpression(member)) copy[key] = member;
        else leftOut.push(`the pattern ${quoted(member)}, which is no JavaScript expression`);
      } else if (isReference(key) && typeof member === 'string') {
        needsWatching = true;
        if (isMissing(member, given)) throw new Error(`it refers to ${quoted(member)}, which is not there`);
        if (isLocal(member, given)) copy[key] = member;
        else leftOut.push(`what stands at ${quoted(member)}, which is not fetched`);
      } else copy[key] = schemaAt(member, depth + 1);
    }
    return copy;
  };

  const mapAt = (keyword: string, map: JsonObject, depth: number): unknown => {
    const copy = Object.create(null) as Record<string, unknown>; // `__proto__` is a name like any other.
    for (const [name, member] of Object.entries(map)) {
      if (keyword === 'patternProperties') {
        needsWatching = true;
        if (!isExpression(name)) {
          leftOut.push(`the pattern ${quoted(name)}, which is no JavaScript expression`);
          continue;
        }
      }
      copy[name] = schemaAt(member, depth + 1);
    }
    return copy;
  };

  const schema: Record<string, unknown> = { ...(schemaAt(given, 0) as Record<string, unknown>) };
  return { schema, draft: draftOf(given['$schema']), needsWatching, leftOut };
}

/** What says nothing, or something that is not known, is taken as the newest, which MCP prescribes. */
function draftOf(declared: Json | undefined): PreparedSchema['draft'] {
  const dialect = typeof declared === 'string' ? declared : '';
  if (dialect.includes('draft-04')) return '4';
  if (dialect.includes('draft-06') || dialect.includes('draft-07')) return '7';
  return dialect.includes('2019-09') ? '2019-09' : '2020-12';
}

function isReference(key: string): boolean {
  return key === '$ref' || key === '$dynamicRef' || key === '$recursiveRef';
}

function isLocal(reference: string, root: JsonObject): boolean {
  if (reference.startsWith('#')) return true;
  const id = root['$id'];
  return typeof id === 'string' && id !== '' && reference.startsWith(`${id.replace(/#$/, '')}#`);
}

/** Whether a pointer into the schema leads nowhere. */
function isMissing(reference: string, root: JsonObject): boolean {
  if (!reference.startsWith('#/')) return false;
  let at: Json | undefined = root;
  for (const part of reference.slice(2).split('/')) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(name)] as Json | undefined;
    else at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at === undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A name with a percent sign of its own.
  }
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false; // That it throws is the answer.
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
