import {
  badResponse,
  readToolCalls,
  withheld,
  type ChatCall,
  type StopReason,
} from '../../../../core/models/index.ts';
import type { AssistantMessage, Usage } from '../../../../protocol/message.ts';
import { requireContent, type StreamReader } from '../../call.ts';
import { isObject, listMember, memberOf, numberMember, textMember } from '../../foreign.ts';
import { signResponses, type ReasoningOwner } from '../../reasoning-marks.ts';
import { readResponseUsage, tierOf } from '../usage.ts';

type Item =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'reasoning'; text: string; encrypted: string | undefined }
  | { readonly type: 'tool'; id: string | undefined; name: string; json: string };

/** Gathers the events of a streamed response. An event of the kind `response.failed` is seen to before it comes here. */
export function createResponsesReader(
  call: ChatCall,
  owner: ReasoningOwner,
  /** The model says of its messages whether they are its answer. */
  onPhase?: () => void,
): StreamReader {
  const items = new Map<number, Item>();
  let model: string | undefined;
  let usage: Usage | undefined;
  let tier: string | undefined;
  let refused = false;
  let end: { readonly incomplete: string | undefined } | undefined;

  function read(event: unknown): boolean {
    if (!isObject(event)) throw badResponse('the stream held something that is no response event');
    const index = numberMember(event, 'output_index') ?? 0;
    const delta = textMember(event, 'delta') ?? '';
    switch (event.type) {
      case 'response.output_text.delta':
        return addText(index, delta);
      case 'response.refusal.delta':
        refused = true;
        return addText(index, delta);
      case 'response.function_call_arguments.delta': {
        const open = items.get(index);
        if (open?.type === 'tool') open.json += delta;
        return true;
      }
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return addReasoning(index, delta);
      case 'response.reasoning_summary_part.added':
        // Each part is a paragraph with a heading of its own.
        return (numberMember(event, 'summary_index') ?? 0) > 0 && addReasoning(index, '\n\n');
      case 'response.output_item.added':
        begin(index, event.item);
        return false;
      case 'response.output_item.done':
        return finish(index, event.item);
      case 'response.created':
        model = textMember(event.response, 'model');
        return false;
      case 'response.completed':
      case 'response.incomplete':
        conclude(event.response);
        return false;
      default:
        // Many kinds of events repeat what others said, and there will be more.
        return false;
    }
  }

  function begin(index: number, item: unknown): void {
    if (textMember(item, 'type') !== 'function_call') return;
    items.set(index, {
      type: 'tool',
      id: textMember(item, 'call_id') ?? textMember(item, 'id'),
      name: textMember(item, 'name') ?? '',
      json: '',
    });
  }

  /** What is whole now counts more than its pieces, of which compatible servers may leave out any. */
  function finish(index: number, item: unknown): boolean {
    switch (textMember(item, 'type')) {
      case 'function_call': {
        if (items.get(index)?.type !== 'tool') begin(index, item);
        const open = items.get(index);
        if (open?.type !== 'tool') return false;
        open.json = textMember(item, 'arguments') ?? open.json;
        open.name = textMember(item, 'name') ?? open.name;
        return true;
      }
      case 'message': {
        if (textMember(item, 'phase') !== undefined) onPhase?.();
        if (items.get(index)?.type === 'text') return false;
        const parts = listMember(item, 'content');
        if (parts.some((part) => textMember(part, 'type') === 'refusal')) refused = true;
        const whole = parts.map((part) => textMember(part, 'text') ?? textMember(part, 'refusal') ?? '');
        return addText(index, whole.join(''));
      }
      case 'reasoning': {
        const open = items.get(index);
        const text = open?.type === 'reasoning' ? open.text : '';
        const encrypted = textMember(item, 'encrypted_content');
        if (text === '')
          for (const part of listMember(item, 'summary')) addReasoning(index, textMember(part, 'text') ?? '');
        const kept = items.get(index);
        items.set(index, {
          type: 'reasoning',
          text: kept?.type === 'reasoning' ? kept.text : text,
          encrypted,
        });
        return true;
      }
      default:
        return false;
    }
  }

  function addText(index: number, piece: string): boolean {
    if (piece === '') return false;
    const open = items.get(index);
    if (open?.type === 'text') open.text += piece;
    else items.set(index, { type: 'text', text: piece });
    call.onText(piece);
    return true;
  }

  function addReasoning(index: number, piece: string): boolean {
    if (piece === '') return false;
    const open = items.get(index);
    if (open?.type === 'reasoning') open.text += piece;
    else items.set(index, { type: 'reasoning', text: piece, encrypted: undefined });
    call.onReasoning?.(piece);
    return true;
  }

  function conclude(response: unknown): void {
    model = textMember(response, 'model') ?? model;
    usage = readResponseUsage(memberOf(response, 'usage'));
    tier = tierOf(response);
    const isCut = textMember(response, 'status') === 'incomplete';
    const reason = textMember(memberOf(response, 'incomplete_details'), 'reason');
    end = { incomplete: reason ?? (isCut ? 'max_output_tokens' : undefined) };
  }

  return {
    read,
    ended: () => end !== undefined,
    complete: () => end !== undefined,
    reply: () => {
      const ordered = [...items].sort(([a], [b]) => a - b).map(([, item]) => item);
      const stop = stopOf(end?.incomplete, refused, ordered);
      if (stop === 'content-policy' && !ordered.some(({ type }) => type === 'text')) {
        throw withheld('the content filter withheld the answer');
      }
      const content = contentOf(ordered, call, owner, stop);
      const message: AssistantMessage = { role: 'assistant', content };
      const priced = tier === undefined ? {} : { tier };
      return requireContent({ message, stop, model: model ?? owner.model, usage, ...priced });
    },
  };
}

function stopOf(incomplete: string | undefined, refused: boolean, items: readonly Item[]): StopReason {
  if (refused || incomplete === 'content_filter') return 'content-policy';
  if (incomplete !== undefined) return 'length';
  return items.some(({ type }) => type === 'tool') ? 'tool-calls' : 'end';
}

function contentOf(
  items: readonly Item[],
  call: ChatCall,
  owner: ReasoningOwner,
  stop: StopReason,
): AssistantMessage['content'] {
  const tools = items.filter((item) => item.type === 'tool');
  const raw = tools.map(({ id, name, json }) => ({ id, name, arguments: json }));
  const calls = readToolCalls(raw, call.messages, stop === 'length');
  return items.flatMap((item): AssistantMessage['content'] => {
    switch (item.type) {
      case 'text':
        return [{ type: 'text', text: item.text }];
      case 'reasoning': {
        const { text, encrypted } = item;
        if (text === '' && encrypted === undefined) return [];
        const signature = encrypted === undefined ? {} : { signature: signResponses(owner, encrypted) };
        return [{ type: 'reasoning', text, ...signature }];
      }
      case 'tool': {
        const read = calls[tools.indexOf(item)];
        return read === undefined ? [] : [read];
      }
    }
  });
}
