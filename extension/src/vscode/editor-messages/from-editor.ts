import type {
  AssistantMessage,
  ImagePart,
  Message,
  ReasoningPart,
  TextPart,
} from '../../protocol/message.ts';
import type { DataPart, EditorPart, ThinkingPart } from './parts.ts';
import { readPart } from './parts.ts';

/** A message as a provider of models gets it. */
export interface GivenMessage {
  readonly role: number;
  readonly content: readonly unknown[];
}

const ASSISTANT = 2;
/** Not in the stable API; the editor's own chat may send it. */
const SYSTEM = 3;
/** The member of a thinking part's metadata in which our signature comes back. */
export const SIGNATURE = 'strata';

/** The editor's messages in our own form, the system's first. */
export function fromEditor(given: readonly GivenMessage[]): readonly Message[] {
  const system: string[] = [];
  const messages: Message[] = [];
  for (const { role, content } of given) {
    const parts = content.flatMap((part) => readPart(part) ?? []);
    if (role === SYSTEM) system.push(...parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])));
    else if (role === ASSISTANT) messages.push(...assistantMessage(parts));
    else messages.push(...userMessages(parts));
  }
  if (system.length === 0) return messages;
  return [{ role: 'system', text: system.join('\n\n') }, ...messages];
}

function assistantMessage(parts: readonly EditorPart[]): readonly AssistantMessage[] {
  const content = parts.flatMap((part): AssistantMessage['content'][number][] => {
    switch (part.kind) {
      case 'text':
        return part.text === '' ? [] : [{ type: 'text', text: part.text }];
      case 'thinking':
        return [reasoning(part)];
      case 'call':
        return [{ type: 'tool-call', callId: part.callId, tool: part.name, arguments: part.input }];
      case 'data':
      case 'result':
        return [];
    }
  });
  return content.length === 0 ? [] : [{ role: 'assistant', content }];
}

/** Results come first: providers want them right behind the calls. */
function userMessages(parts: readonly EditorPart[]): readonly Message[] {
  const results = parts.flatMap((part): Message[] =>
    part.kind === 'result'
      ? [
          {
            role: 'tool',
            callId: part.callId,
            content: part.content.flatMap(contentPart),
            isError: part.isError,
          },
        ]
      : [],
  );
  const content = parts.flatMap((part) =>
    part.kind === 'text' || part.kind === 'data' ? contentPart(part) : [],
  );
  return content.length === 0 ? results : [...results, { role: 'user', content }];
}

function contentPart(part: Extract<EditorPart, { kind: 'text' }> | DataPart): (TextPart | ImagePart)[] {
  if (part.kind === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  const { mimeType, data } = part;
  // Marks for the models of one vendor, such as `cache_control`; no type of any content is written like that.
  if (!mimeType.includes('/')) return [];
  if (mimeType.startsWith('image/'))
    return [{ type: 'image', mimeType, data: Buffer.from(data).toString('base64') }];
  if (/^text\/|[/+]json$/.test(mimeType)) return [{ type: 'text', text: new TextDecoder().decode(data) }];
  // Said rather than passed over: the model would else answer as if it had seen all.
  return [
    {
      type: 'text',
      text: `[Here was a part of the type ${mimeType}, which Strata cannot pass on to models.]`,
    },
  ];
}

function reasoning({ text, metadata }: ThinkingPart): ReasoningPart {
  const signature = metadata?.[SIGNATURE];
  return { type: 'reasoning', text, ...(typeof signature === 'string' ? { signature } : {}) };
}
