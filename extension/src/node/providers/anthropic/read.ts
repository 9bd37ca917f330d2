import {
  badResponse,
  readToolCalls,
  withheld,
  type ChatCall,
  type Deployment,
  type StopReason,
} from '../../../core/models/index.ts';
import type { AssistantMessage, Usage } from '../../../protocol/message.ts';
import { requireContent, type StreamReader } from '../call.ts';
import { isObject, memberOf, numberMember, textMember } from '../foreign.ts';
import { REDACTED } from '../reasoning-marks.ts';

type Block =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'thinking'; text: string; signature: string }
  | { readonly type: 'redacted'; readonly data: string }
  | { readonly type: 'tool'; readonly id: string | undefined; readonly name: string; json: string };

/** Gathers the events of a streamed message. */
export function createAnthropicReader(call: ChatCall, deployment: Deployment): StreamReader {
  const blocks = new Map<number, Block>();
  const counts: Record<string, number> = {};
  let model: string | undefined;
  let tier: string | undefined;
  let stopReason: string | undefined;
  let stopped = false;

  function read(event: unknown): boolean {
    if (!isObject(event)) throw badResponse('the stream held something that is no message event');
    const index = numberMember(event, 'index') ?? 0;
    switch (event.type) {
      case 'message_start':
        model = textMember(event.message, 'model');
        count(memberOf(event.message, 'usage'));
        tier = tierOf(memberOf(event.message, 'usage'));
        return false;
      case 'content_block_start':
        return begin(index, event.content_block);
      case 'content_block_delta':
        return extend(blocks.get(index), event.delta);
      case 'message_delta':
        stopReason = textMember(event.delta, 'stop_reason') ?? stopReason;
        // Its counts are running totals, and replace those of the start.
        count(event.usage);
        return false;
      case 'message_stop':
        stopped = true;
        return false;
      default:
        // The API's versioning policy asks clients to pass over kinds of events that they do not know.
        return false;
    }
  }

  function begin(index: number, block: unknown): boolean {
    const type = textMember(block, 'type');
    if (type === 'text') {
      blocks.set(index, { type, text: '' });
      return addText(index, textMember(block, 'text') ?? '');
    }
    if (type === 'thinking') {
      const signature = textMember(block, 'signature') ?? '';
      blocks.set(index, { type, text: textMember(block, 'thinking') ?? '', signature });
    } else if (type === 'redacted_thinking') {
      blocks.set(index, { type: 'redacted', data: textMember(block, 'data') ?? '' });
    } else if (type === 'tool_use') {
      const input = memberOf(block, 'input');
      const whole = isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : '';
      blocks.set(index, {
        type: 'tool',
        id: textMember(block, 'id'),
        name: textMember(block, 'name') ?? '',
        json: whole,
      });
    }
    return true;
  }

  function addText(index: number, piece: string): boolean {
    const block = blocks.get(index);
    if (piece === '' || block?.type !== 'text') return false;
    block.text += piece;
    call.onText(piece);
    return true;
  }

  function extend(block: Block | undefined, delta: unknown): boolean {
    if (block?.type === 'text') {
      const piece = textMember(delta, 'text') ?? '';
      block.text += piece;
      if (piece !== '') call.onText(piece);
    } else if (block?.type === 'thinking') {
      const thought = textMember(delta, 'thinking') ?? '';
      block.text += thought;
      if (thought !== '') call.onReasoning?.(thought);
      block.signature += textMember(delta, 'signature') ?? '';
    } else if (block?.type === 'tool') {
      block.json += textMember(delta, 'partial_json') ?? '';
    }
    return true;
  }

  function count(usage: unknown): void {
    for (const name of [
      'input_tokens',
      'output_tokens',
      'cache_read_input_tokens',
      'cache_creation_input_tokens',
    ]) {
      const value = numberMember(usage, name);
      if (value !== undefined) counts[name] = value;
    }
    const hour = numberMember(memberOf(usage, 'cache_creation'), 'ephemeral_1h_input_tokens');
    if (hour !== undefined) counts.cache_creation_1h = hour;
    const thinking = numberMember(memberOf(usage, 'output_tokens_details'), 'thinking_tokens');
    if (thinking !== undefined) counts.thinking_tokens = thinking;
  }

  return {
    read,
    ended: () => stopped,
    complete: () => stopped,
    reply: () => {
      const stop = stopOf(stopReason);
      const content = contentOf(blocks, call, stop);
      if (stop === 'content-policy' && !content.some(({ type }) => type === 'text')) {
        throw withheld('the model declined to answer');
      }
      const message: AssistantMessage = { role: 'assistant', content };
      const priced = tier === undefined ? {} : { tier };
      return requireContent({
        message,
        stop,
        model: model ?? deployment.model,
        usage: usageOf(counts),
        ...priced,
      });
    },
  };
}

function contentOf(
  blocks: ReadonlyMap<number, Block>,
  call: ChatCall,
  stop: StopReason,
): AssistantMessage['content'] {
  const ordered = [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
  const tools = ordered.filter((block) => block.type === 'tool');
  const raw = tools.map(({ id, name, json }) => ({ id, name, arguments: json }));
  const calls = readToolCalls(raw, call.messages, stop === 'length');
  return ordered.flatMap((block): AssistantMessage['content'] => {
    switch (block.type) {
      case 'text':
        return block.text === '' ? [] : [{ type: 'text', text: block.text }];
      case 'thinking':
        return [
          {
            type: 'reasoning',
            text: block.text,
            ...(block.signature === '' ? {} : { signature: block.signature }),
          },
        ];
      case 'redacted':
        return [{ type: 'reasoning', text: '', signature: `${REDACTED}${block.data}` }];
      case 'tool': {
        const read = calls[tools.indexOf(block)];
        return read === undefined ? [] : [read];
      }
    }
  });
}

function stopOf(reason: string | undefined): StopReason {
  if (reason === 'tool_use') return 'tool-calls';
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return reason === 'refusal' ? 'content-policy' : 'end';
}

/** Tiers, speeds and regions with prices of their own, which a workspace may have as its default. */
function tierOf(usage: unknown): string | undefined {
  const tier = textMember(usage, 'service_tier') ?? 'standard';
  const speed = textMember(usage, 'speed') ?? 'standard';
  if (tier !== 'standard') return tier;
  if (speed !== 'standard') return speed;
  return textMember(usage, 'inference_geo') === 'us' ? 'us' : undefined;
}

/** Anthropic counts cached tokens beside the input; Strata's `input` is the sum. */
function usageOf(counts: Readonly<Record<string, number>>): Usage | undefined {
  const { input_tokens: fresh, output_tokens: output } = counts;
  if (fresh === undefined || output === undefined) return undefined;
  const cacheRead = counts.cache_read_input_tokens ?? 0;
  const cacheWrite = counts.cache_creation_input_tokens ?? 0;
  const { cache_creation_1h: cacheWrite1h, thinking_tokens: reasoning } = counts;
  return {
    input: fresh + cacheRead + cacheWrite,
    output,
    cacheRead,
    cacheWrite,
    ...(cacheWrite1h === undefined || cacheWrite1h === 0 ? {} : { cacheWrite1h }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}
