import {
  badResponse,
  readToolCalls,
  withheld,
  type ChatCall,
  type StopReason,
} from '../../../core/models/index.ts';
import type { AssistantMessage, ReasoningPart, Usage } from '../../../protocol/message.ts';
import { requireContent, type StreamReader } from '../call.ts';
import { isObject, listMember, memberOf, numberMember, textMember } from '../foreign.ts';
import { signExtra, type ReasoningOwner } from '../reasoning-marks.ts';
import { readChatUsage, tierOf } from './usage.ts';

interface OpenCall {
  readonly index: number | undefined;
  readonly id: string | undefined;
  name: string;
  arguments: string;
  /** What the server wants back with the call. */
  extra: object | undefined;
}

/** Gathers the chunks of a chat completion. Text, then reasoning, then tool calls: the format gives no finer order. */
export function createOpenAIReader(call: ChatCall, owner: ReasoningOwner): StreamReader {
  let text = '';
  let reasoning = '';
  let refused = false;
  let finish: string | undefined;
  let model: string | undefined;
  let usage: Usage | undefined;
  let tier: string | undefined;
  const calls: OpenCall[] = [];

  function read(chunk: unknown): boolean {
    if (!isObject(chunk)) throw badResponse('the stream held something that is no chat completion');
    model ||= textMember(chunk, 'model');
    usage = readChatUsage(memberOf(chunk, 'usage')) ?? usage;
    tier = tierOf(chunk) ?? tier;
    const choice = listMember(chunk, 'choices')[0];
    if (choice === undefined) return false;
    finish = textMember(choice, 'finish_reason') ?? finish;
    const delta = memberOf(choice, 'delta');
    const thought = textMember(delta, 'reasoning_content') ?? textMember(delta, 'reasoning') ?? '';
    if (thought !== '') {
      reasoning += thought;
      call.onReasoning?.(thought);
    }
    const refusal = textMember(delta, 'refusal') ?? '';
    if (refusal !== '') refused = true;
    const piece = (textMember(delta, 'content') ?? '') + refusal;
    if (piece !== '') {
      text += piece;
      call.onText(piece);
    }
    const parts = listMember(delta, 'tool_calls');
    for (const part of parts) readCall(part);
    return piece !== '' || thought !== '' || parts.length > 0;
  }

  function readCall(part: unknown): void {
    const id = textMember(part, 'id') || undefined;
    const index = numberMember(part, 'index');
    const fn = memberOf(part, 'function');
    const name = textMember(fn, 'name') ?? '';
    const open = openCall(index, id, name);
    open.name ||= name;
    const extra = memberOf(part, 'extra_content');
    if (isObject(extra)) open.extra = extra;
    const piece = memberOf(fn, 'arguments');
    // Some servers send the arguments as an object, all at once.
    open.arguments += typeof piece === 'string' ? piece : isObject(piece) ? JSON.stringify(piece) : '';
  }

  /** Some servers leave the index out, or give every parallel call the index 0: a new id with a name begins a call, too. */
  function openCall(index: number | undefined, id: string | undefined, name: string): OpenCall {
    const same = calls.findLast((open) => index === undefined || open.index === index);
    const another = name !== '' && (id === undefined ? index === undefined : id !== same?.id);
    if (same !== undefined && !another) return same;
    const opened: OpenCall = { index, id, name: '', arguments: '', extra: undefined };
    calls.push(opened);
    return opened;
  }

  function extraParts(callId: string, extra: object | undefined): ReasoningPart[] {
    if (extra === undefined) return [];
    return [{ type: 'reasoning', text: '', signature: signExtra(owner, callId, JSON.stringify(extra)) }];
  }

  return {
    read,
    ended: () => finish !== undefined,
    // The usage follows, and then the mark of the end.
    complete: () => false,
    reply: () => {
      const stop = stopOf(finish, refused, calls.length > 0);
      if (stop === 'content-policy' && text === '') {
        throw withheld('the content filter withheld the answer');
      }
      const asked = readToolCalls(calls, call.messages, stop === 'length');
      const content: AssistantMessage['content'] = [
        ...(reasoning === '' ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
        ...(text === '' ? [] : [{ type: 'text' as const, text }]),
        ...asked.flatMap((one, index) => [...extraParts(one.callId, calls[index]?.extra), one]),
      ];
      return requireContent({
        message: { role: 'assistant', content },
        stop,
        model: model ?? owner.model,
        usage,
        ...(tier === undefined ? {} : { tier }),
      });
    },
  };
}

function stopOf(finish: string | undefined, refused: boolean, hasCalls: boolean): StopReason {
  if (refused || finish === 'content_filter') return 'content-policy';
  if (finish === 'length') return 'length';
  // Several compatible servers say "stop" after tool calls.
  return hasCalls ? 'tool-calls' : 'end';
}
