import * as z from 'zod';
import type { Json, JsonObject } from '../../base/json.ts';
import type { Elicitation, ElicitationAnswer } from '../../core/tools/tool-host.ts';
import type { SchemaChecks } from './validate.ts';

export type Elicit = (elicitation: Elicitation, signal: AbortSignal) => Promise<ElicitationAnswer>;

/** How often a person is asked again after an answer that does not fit. */
const attempts = 3;

const json: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const longest = 4000;
const question = z.union([
  z.looseObject({ mode: z.literal('url'), message: z.string().max(longest), url: z.url() }),
  z.looseObject({
    mode: z.literal('form').optional(),
    message: z.string().max(longest),
    requestedSchema: json.refine(isFlat, 'it is no flat object of texts, numbers, booleans and choices'),
  }),
]);

export interface ElicitationOptions {
  readonly server: string;
  readonly elicit: Elicit;
  readonly checks: SchemaChecks;
}

/** Asks the person, and gives the answer as MCP's `ElicitResult`. Throws when the question itself is wrong. */
export async function elicitFromPerson(
  params: unknown,
  { server, elicit, checks }: ElicitationOptions,
  signal: AbortSignal,
): Promise<JsonObject> {
  const parsed = question.safeParse(params);
  if (!parsed.success) throw new Error(`The question cannot be asked: ${z.prettifyError(parsed.error)}`);
  const asked = parsed.data;
  if (asked.mode === 'url') {
    // Anything else could start a program, or read a file of this machine.
    if (!/^https?:\/\//i.test(asked.url)) throw new Error('Only web addresses can be opened.');
    const { action } = await elicit({ server, message: asked.message, url: asked.url }, signal);
    return { action };
  }
  const schema = asked.requestedSchema;
  let message = asked.message;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const answer = await elicit({ server, message, schema }, signal);
    signal.throwIfAborted();
    if (answer.action !== 'accept') return { action: answer.action };
    const content = withDefaults(schema, answer.content ?? {});
    const check = checks.check(schema, content);
    if (check.kind === 'unusable') throw new Error(`The question cannot be asked: ${check.reason}`);
    if (check.kind === 'fits') return { action: 'accept', content };
    message = `${asked.message}\n\nThe last answer did not fit: ${check.text.slice(0, 500)}`;
  }
  return { action: 'cancel' };
}

function withDefaults(schema: JsonObject, content: JsonObject): JsonObject {
  const filled: Record<string, Json | undefined> = { ...content };
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    if (filled[name] === undefined && isObject(property) && property['default'] !== undefined)
      filled[name] = property['default'];
  }
  return filled;
}

function isFlat(schema: JsonObject): boolean {
  if (schema['type'] !== 'object') return false;
  return Object.values(propertiesOf(schema)).every((property) => {
    if (!isObject(property)) return false;
    const { type } = property;
    return type !== 'object' && (type !== 'array' || isObject(property['items']));
  });
}

function propertiesOf(schema: JsonObject): JsonObject {
  const { properties } = schema;
  return isObject(properties) ? properties : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
