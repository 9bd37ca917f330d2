import { createHash } from 'node:crypto';
import type { Json } from '../../../base/json.ts';
import { numberOf, textOf } from './incoming.ts';
import type { Attributes, IncomingLog, IncomingSpan } from './incoming.ts';

/**
 * Claude Code and Codex tell what they do by events of the logs signal. Each session becomes a trace: its calls and tools are
 * spans that end when their event was written and lasted as long as it says.
 * https://code.claude.com/docs/en/monitoring-usage, https://developers.openai.com/codex/config-advanced
 */
export function spansOfLogs(logs: readonly IncomingLog[]): readonly IncomingSpan[] {
  return logs.flatMap((log) => spanOf(log) ?? []);
}

const AGENTS: Readonly<Record<string, string>> = { claude_code: 'Claude Code', codex: 'Codex' };

/** Their spans and events alike are named `claude_code.interaction` and the like. */
export function agentInName(name: string): string | undefined {
  return AGENTS[/^(\w+)\./.exec(name)?.[1] ?? ''];
}

function spanOf(log: IncomingLog): IncomingSpan | undefined {
  const session = textOf(log.attributes, 'session.id', 'conversation.id', 'conversation_id', 'thread.id');
  const [, agent = '', event = ''] = /^(claude_code|codex)\.(.+)$/.exec(fullName(log)) ?? [];
  if (session === undefined || agent === '') return undefined;
  const read = readEvent(event, log.attributes);
  if (!read) return undefined;
  const duration = Math.max(0, numberOf(log.attributes, 'duration_ms') ?? 0);
  return {
    trace: hex(`strata session ${agent} ${session}`, 16),
    // The same event that comes twice is one span.
    id: hex(`${session} ${log.name} ${log.at} ${JSON.stringify([...log.attributes])}`, 8),
    parent: undefined,
    start: log.at - duration,
    end: log.at,
    events: [],
    failed: isFailure(log.attributes),
    message: textOf(log.attributes, 'error', 'error.message', 'error_message') ?? '',
    service: AGENTS[agent] ?? agent,
    scope: agent,
    name: read.name,
    attributes: new Map([...log.attributes, ...read.attributes]),
  };
}

/** Claude Code’s events go by their short names too. */
function fullName({ name, service }: IncomingLog): string {
  if (name.includes('.')) return name;
  return /claude/i.test(service) ? `claude_code.${name}` : name;
}

interface ReadEvent {
  readonly name: string;
  readonly attributes: readonly (readonly [string, Json])[];
}

function readEvent(event: string, attributes: Attributes): ReadEvent | undefined {
  const named = (
    operation: string,
    name: string,
    ...more: readonly (readonly [string, Json])[]
  ): ReadEvent => ({
    name,
    attributes: [['gen_ai.operation.name', operation], ...more],
  });
  const model = textOf(attributes, 'model') ?? 'model';
  switch (event) {
    case 'api_request':
      // Codex tells of the tokens with the end of the stream.
      return attributes.has('input_tokens') ? named('chat', `chat ${model}`) : undefined;
    case 'api_error':
      return named('chat', `chat ${model}`);
    case 'sse_event':
    case 'websocket_event':
      return attributes.has('input_token_count') ? named('chat', `chat ${model}`) : undefined;
    case 'tool_result': {
      const tool = textOf(attributes, 'tool_name', 'tool') ?? 'tool';
      return named('execute_tool', `execute_tool ${tool}`, ['gen_ai.tool.name', tool]);
    }
    case 'user_prompt':
      return { name: 'user prompt', attributes: [] };
    default:
      return undefined;
  }
}

function isFailure(attributes: Attributes): boolean {
  const success = attributes.get('success');
  return (
    success === false || success === 'false' || attributes.has('error') || attributes.has('error.message')
  );
}

function hex(text: string, bytes: number): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2);
}
