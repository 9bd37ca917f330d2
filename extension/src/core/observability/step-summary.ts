import type { Json } from '../../base/json.ts';
import type { Payload } from '../../protocol/run-event.ts';
import { formatDuration, formatRoute } from '../../protocol/format.ts';
import type { ToolUse } from '../../protocol/tool-use.ts';
import type { StepView } from '../../protocol/run-view.ts';

/**
 * What a step did, in at most a line: for a list of steps in a terminal or a tree. Steps of an imported run may not say what
 * came of them; nothing is said of those.
 */
export function summariseStep(step: StepView, read: (payload: Payload) => Json): string {
  if (step.status === 'failed' || step.status === 'interrupted')
    return oneLine(step.error?.message ?? step.status);
  if (step.status === 'running') return step.kind === 'tool' ? describeArguments(read(step.input)) : '';
  if (!step.output) return '';
  const output = read(step.output);
  switch (step.kind) {
    case 'snapshot':
      return countAt(output, 'files', 'file');
    case 'index':
      return step.isError ? 'memory is not available' : describeIndex(output);
    case 'recall':
      return Array.isArray(output) ? describeRecalled(output as readonly Json[]) : '';
    case 'catalogue':
      return Array.isArray(output) ? count(output.length, 'tool') : '';
    case 'chat':
      return describeReply(output);
    case 'approval':
      return describeApproval(output);
    case 'tool':
      return describeCall(read(step.input), output, step.tool);
    case 'remember':
      return step.isError ? 'memory is not available' : 'kept as an episode';
    case 'agent':
      return oneLine([textAt(output, 'outcome'), textAt(output, 'answer')].filter(Boolean).join(': '));
    case 'merge':
      return describeMerge(output);
    case 'hand-over':
      return oneLine(textAt(output, 'message'));
    case 'condense':
      return [countAt(output, 'messages', 'message'), 'became a summary'].filter(Boolean).join(' ');
    case 'steer':
      return describeSteering(output);
    case 'breaker':
      return oneLine(`${step.error?.message ?? ''} A person let it go on.`.trim());
    case 'node':
      return oneLine(textAt(output, 'answer'));
  }
}

function describeApproval(output: Json): string {
  const allowed = at(output, 'allowed');
  if (typeof allowed !== 'boolean') return '';
  return allowed ? 'allowed' : 'refused';
}

function describeRecalled(recalled: readonly Json[]): string {
  const notes = recalled.filter((one) => at(one, 'kind') === 'note').length;
  const runs = recalled.length - notes;
  if (notes === 0) return runs === 0 ? 'no earlier run' : count(runs, 'earlier run');
  return runs === 0 ? count(notes, 'note') : `${count(runs, 'earlier run')}, ${count(notes, 'note')}`;
}

function describeIndex(output: Json): string {
  if (at(output, 'files') === undefined) return '';
  const changed = numberAt(output, 'changed');
  const size = `${count(numberAt(output, 'files'), 'file')}, ${count(numberAt(output, 'chunks'), 'chunk')}`;
  return changed === 0 ? `${size}, up to date` : `${size}, ${changed} read anew`;
}

function describeMerge(output: Json): string {
  const conflicts = listAt(output, 'conflicts').length;
  const merged = count(listAt(output, 'paths').length, 'file');
  return conflicts === 0 ? merged : `${merged}, ${count(conflicts, 'conflict')}`;
}

function describeSteering(output: Json): string {
  const route = formatRoute(textAt(output, 'route'));
  const text = textAt(output, 'text');
  return oneLine([route && `from here on ${route}`, text].filter(Boolean).join(': '));
}

function describeReply(output: Json): string {
  const parts = listAt(output, 'content');
  const calls = parts.filter((part) => textAt(part, 'type') === 'tool-call');
  if (calls.length > 0) return `asks for ${calls.map((call) => textAt(call, 'tool')).join(', ')}`;
  return oneLine(parts.map((part) => textAt(part, 'text')).join(''));
}

function describeCall(input: Json, output: Json, tool: ToolUse | undefined): string {
  const text = listAt(output, 'content').find((part) => textAt(part, 'type') === 'text');
  const paths = listAt(output, 'paths');
  const changed = paths.length > 0 ? ` (changed ${paths.map(String).join(', ')})` : '';
  return `${describeArguments(input)} → ${oneLine(textAt(text ?? null, 'text'))}${changed}${describeUse(tool)}`;
}

/** What is out of the ordinary about how the answer came. */
function describeUse(tool: ToolUse | undefined): string {
  if (!tool) return '';
  const refused = new Set(tool.connections?.flatMap(({ allowed, host }) => (allowed ? [] : [host])));
  const parts = [
    ...(tool.cached ? ['cached'] : []),
    ...(tool.waitedMs === undefined ? [] : [`waited ${formatDuration(tool.waitedMs)}`]),
    ...(refused.size > 0 ? [`was not let through to ${[...refused].join(', ')}`] : []),
    ...(tool.sampled
      ? [`asked a model ${tool.sampled.length === 1 ? 'once' : `${tool.sampled.length} times`}`]
      : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** The argument that says most comes first in every tool of ours: a path, a command, a query. */
function describeArguments(input: Json): string {
  const values = at(input, 'arguments');
  if (values === null || typeof values !== 'object' || Array.isArray(values)) return '';
  const first = Object.values(values).find((value) => typeof value === 'string');
  return typeof first === 'string' ? oneLine(first, 60) : '';
}

function oneLine(text: string, limit = 160): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

function at(value: Json, key: string): Json | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, Json>)[key]
    : undefined;
}

function textAt(value: Json, key: string): string {
  const member = at(value, key);
  return typeof member === 'string' ? member : '';
}

function listAt(value: Json, key: string): readonly Json[] {
  const member = at(value, key);
  return Array.isArray(member) ? (member as readonly Json[]) : [];
}

function countAt(value: Json, key: string, noun: string): string {
  const member = at(value, key);
  return typeof member === 'number' ? count(member, noun) : '';
}

function numberAt(value: Json, key: string): number {
  const member = at(value, key);
  return typeof member === 'number' ? member : 0;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
