import type { Json } from '../../../base/json.ts';
import { canonicalJson } from '../../../base/json.ts';
import { writeConversation } from '../../../protocol/conversation.ts';
import type { Message } from '../../../protocol/message.ts';
import type { BlobId } from '../../../protocol/run-event.ts';
import { strata } from '../genai-names.ts';
import { names } from './foreign-names.ts';
import { firstOf, jsonOf } from './incoming.ts';
import type { IncomingSpan } from './incoming.ts';
import { asObject, resultText } from './message-form.ts';
import { offeredTools } from './offered-tools.ts';
import type { SpanFacts } from './span-facts.ts';
import { messagesOf, plainText } from './span-messages.ts';

export interface ContentParts {
  readonly putBlob: (text: string) => BlobId;
  readonly chats: (messages: readonly Message[]) => BlobId;
}

/** What a step was given and what came of it, in the form in which runs of ours keep it. */
export function contentOf(
  span: IncomingSpan,
  { kind, name }: SpanFacts,
  { chats, putBlob }: ContentParts,
): { readonly input: Json; readonly output: Json } {
  const { attributes } = span;
  if (kind === 'chat') {
    const { input, output } = messagesOf(span);
    const tools = offeredTools(attributes);
    return {
      input: {
        conversation: chats(input),
        ...(tools.length > 0 ? { tools: putBlob(canonicalJson(tools)) } : {}),
      },
      // Messages are plain data, which an interface without an index signature cannot say of itself.
      output: (output ?? { role: 'assistant', content: [] }) as unknown as Json,
    };
  }
  const given = jsonOf(firstOf(span, names.toolInput));
  const told = jsonOf(firstOf(span, names.toolOutput));
  // What Strata exported itself has the form that its steps keep.
  const isOurs = attributes.has(strata.stepKind);
  if (kind !== 'tool' && isOurs && told !== undefined) return { input: given ?? {}, output: told };
  if (kind !== 'tool') {
    const answer = plainText(told, 'assistant');
    return {
      input: { ...(given === undefined ? {} : { input: given }), ...otherAttributes(span) },
      output: {
        ...(kind === 'agent' ? { outcome: span.failed ? 'failed' : 'succeeded' } : {}),
        ...(answer === undefined ? {} : { answer }),
      },
    };
  }
  const text = resultText(told);
  const content = memberList(told) ?? [{ type: 'text', text }];
  return {
    input: { tool: name, arguments: asObject(given) },
    output: { content, isError: span.failed },
  };
}

/** A result that has the form of ours already. */
function memberList(value: Json | undefined): readonly Json[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('content' in value))
    return undefined;
  const { content } = value;
  return Array.isArray(content) ? (content as readonly Json[]) : undefined;
}

/** What a span says of itself beside what is shown elsewhere; a part of a run by others has nothing but this. */
function otherAttributes({ attributes }: IncomingSpan): Record<string, Json> {
  const shown = new Set<string>([...names.toolInput, ...names.toolOutput]);
  return Object.fromEntries([...attributes].filter(([key]) => !shown.has(key)));
}

/** Each model call holds all that was said before: what is the same as in the call before is kept once. */
export function conversations(putBlob: (text: string) => BlobId): (messages: readonly Message[]) => BlobId {
  let last: { readonly texts: readonly string[]; readonly id: BlobId } | undefined;
  return (messages) => {
    const texts = messages.map((message) => JSON.stringify(message));
    const before = last;
    const goesOn = before !== undefined && before.texts.every((text, index) => text === texts[index]);
    const id = goesOn
      ? writeConversation(putBlob, before.id, messages.slice(before.texts.length))
      : writeConversation(putBlob, null, messages);
    last = { texts, id };
    return id;
  };
}
