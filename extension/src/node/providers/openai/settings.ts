import { createHash } from 'node:crypto';
import { canBeHeldTo, thinkingOf, type ChatCall, type ResponseSchema } from '../../../core/models/index.ts';
import type { Message } from '../../../protocol/message.ts';

/** What both forms of the API name alike. */
export interface Settings {
  readonly effort: ChatCall['reasoning'];
  readonly toolChoice: 'required' | undefined;
  readonly schema:
    { readonly name: string; readonly schema: Record<string, unknown>; readonly strict: boolean } | undefined;
  readonly cacheKey: string | undefined;
}

export function settingsOf(call: ChatCall, model: string, official: boolean, keys: CacheKeys): Settings {
  return {
    effort: thinkingOf(model) === 'level' ? call.reasoning : undefined,
    toolChoice: call.tools.length === 0 ? undefined : call.toolChoice,
    schema: call.responseSchema && schemaOf(call.responseSchema),
    cacheKey: official ? cacheKeyOf(call.messages, keys) : undefined,
  };
}

function schemaOf({ name, schema }: ResponseSchema): Settings['schema'] {
  return { name, schema: { ...schema }, strict: canBeHeldTo(schema) };
}

export type CacheKeys = WeakMap<Message, string>;

/** One key for a conversation, so that its requests reach a machine that has its beginning in the cache. */
function cacheKeyOf(messages: readonly Message[], keys: CacheKeys): string | undefined {
  const first = messages.find(({ role }) => role === 'user') ?? messages[0];
  if (first === undefined) return undefined;
  const known = keys.get(first);
  if (known !== undefined) return known;
  const beginning = messages.slice(0, messages.indexOf(first) + 1);
  const key = createHash('sha256').update(JSON.stringify(beginning)).digest('hex').slice(0, 32);
  keys.set(first, key);
  return key;
}
