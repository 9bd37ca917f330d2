import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import { Script, createContext, type Context } from 'node:vm';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { prepareSchema } from './schema-for-checks.ts';

export type SchemaCheck =
  | { readonly kind: 'fits' }
  | { readonly kind: 'mistakes'; readonly text: string }
  /** Nothing can be checked by this schema. */
  | { readonly kind: 'unusable'; readonly reason: string };

export interface SchemaChecks {
  check(schema: JsonObject, value: unknown): SchemaCheck;
  /** What of a schema is not checked, in words. */
  leftOut(schema: JsonObject): readonly string[];
}

/**
 * How long checking one value may hold this process, in milliseconds. Only a pattern that backtracks without end or a
 * schema that branches without end comes near it; such a schema is not used again.
 */
const checkLimitMs = 500;

interface Compiled {
  readonly check: (value: unknown) => SchemaCheck;
  readonly leftOut: readonly string[];
}

/** Checks by schemas, each of which is compiled once, for as long as its object lives. The validator is the MCP SDK's. */
export function openSchemaChecks(): SchemaChecks {
  const compiled = new WeakMap<JsonObject, Compiled>();
  const watch = openWatch();
  const get = (schema: JsonObject): Compiled => {
    const known = compiled.get(schema);
    if (known) return known;
    const made = compile(schema, watch, (reason) =>
      compiled.set(schema, { check: () => ({ kind: 'unusable', reason }), leftOut: [] }),
    );
    compiled.set(schema, made);
    return made;
  };
  return {
    check: (schema, value) => get(schema).check(value),
    leftOut: (schema) => get(schema).leftOut,
  };
}

/** What is wrong with arguments for a schema, in words for a model; undefined when nothing is. */
export function openArgumentChecks(
  checks: SchemaChecks = openSchemaChecks(),
): (schema: JsonObject, args: JsonObject) => string | undefined {
  return (schema, args) => {
    const result = checks.check(schema, args);
    if (result.kind === 'fits') return undefined;
    return result.kind === 'mistakes'
      ? result.text
      : `the schema of the tool cannot be used: ${result.reason}`;
  };
}

/** The same, for a schema that is needed once. */
export function argumentMistakes(schema: JsonObject, args: JsonObject): string | undefined {
  return openArgumentChecks()(schema, args);
}

type Watch = <T>(work: () => T) => T;

function compile(schema: JsonObject, watch: Watch, giveUp: (reason: string) => void): Compiled {
  try {
    const { schema: own, draft, needsWatching, leftOut } = prepareSchema(schema);
    const validate = new CfWorkerJsonSchemaValidator({ shortcircuit: false, draft }).getValidator(own);
    const check = (value: unknown): SchemaCheck => {
      try {
        const result = needsWatching ? watch(() => validate(value)) : validate(value);
        return result.valid ? { kind: 'fits' } : { kind: 'mistakes', text: readable(result.errorMessage) };
      } catch (error) {
        const reason = isTimeout(error)
          ? `checking by it took more than ${checkLimitMs} ms`
          : firstLine(messageOf(error));
        if (isTimeout(error)) giveUp(reason);
        return { kind: 'unusable', reason };
      }
    };
    return { check, leftOut };
  } catch (error) {
    const reason = firstLine(messageOf(error));
    return { check: () => ({ kind: 'unusable', reason }), leftOut: [] };
  }
}

/**
 * Work under a time limit, on this thread: V8 looks for the end of a script's time also inside of a regular expression.
 * It costs half a millisecond, so only schemas that need it are checked this way.
 */
function openWatch(): Watch {
  let context: Context | undefined;
  const script = new Script('work()');
  return <T>(work: () => T): T => {
    context ??= createContext({});
    let result: { readonly value: T } | undefined;
    context['work'] = () => {
      result = { value: work() };
    };
    script.runInContext(context, { timeout: checkLimitMs });
    if (!result) throw new Error('the check came to no end');
    return result.value;
  };
}

/** The error is one of the other context, so it is no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}

/** A property that is not known is reported twice, the second time as the `false` that forbids it. */
function readable(message: string): string {
  const parts = message.split('; ').filter((part) => !part.endsWith('False boolean schema.'));
  return (parts.length > 0 ? parts : [message]).join('; ');
}
