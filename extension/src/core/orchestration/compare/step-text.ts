import type { Json, JsonObject } from '../../../base/json.ts';
import { isStrataError } from '../../../base/errors.ts';
import type { Payload } from '../../../protocol/run-event.ts';
import type { StepView } from '../../../protocol/run-view.ts';
import { kindLabel } from '../../../protocol/step-label.ts';
import { readableText } from './readable-text.ts';

/** A step in words that are equal where two runs did the same: no ids, no times, no trees. */
export interface StepText {
  readonly title: string;
  readonly input: string;
  readonly output: string;
}

type Read = (payload: Payload) => Json;

export function titleOf(step: Pick<StepView, 'kind' | 'name'>): string {
  return step.kind === 'tool' ? step.name : `${kindLabel(step.kind)} ${step.name}`;
}

export function stepText(step: StepView, read: Read): StepText {
  return { title: titleOf(step), input: inputText(step, read), output: outputText(step, read) };
}

/** Empty where it follows from the task or from what stands before it. */
export function inputText(step: StepView, read: Read): string {
  if (step.kind === 'chat') return '';
  return orProblem(() => readableText(meaningOfInput(step, read(step.input))));
}

export function outputText(step: StepView, read: Read): string {
  const { output, error } = step;
  if (step.status === 'failed' || step.status === 'interrupted')
    return `${step.status}: ${error?.message ?? 'no reason is recorded'}`;
  if (!output) return '';
  return orProblem(() => readableText(meaningOfOutput(step, read(output))));
}

function meaningOfInput(step: StepView, input: Json): Json {
  switch (step.kind) {
    case 'snapshot':
    case 'recall':
    case 'merge':
    case 'condense':
    case 'remember':
      return '';
    case 'agent':
      return member(input, 'task');
    default:
      return input;
  }
}

function meaningOfOutput(step: StepView, output: Json): Json {
  switch (step.kind) {
    case 'snapshot':
      return withoutKeys(output, ['tree']);
    case 'index':
    case 'remember':
      return '';
    case 'recall':
      return list(output).map((episode) => withoutKeys(episode, ['run', 'at']));
    case 'catalogue':
      return list(output).map((tool) => member(tool, 'name'));
    case 'chat':
      return replyOf(output);
    case 'tool':
      return resultOf(output);
    case 'agent':
      return withoutKeys(output, ['base', 'tree']);
    case 'merge':
      return withoutKeys(output, ['tree']);
    default:
      return output;
  }
}

/** Ids of calls are made up by the provider and differ each time. */
function replyOf(output: Json): Json {
  const parts = list(member(output, 'content')).map((part): Json => {
    if (member(part, 'type') === 'tool-call')
      return { [`call ${textOf(member(part, 'tool'))}`]: member(part, 'arguments') };
    const text = member(part, 'text');
    return typeof text === 'string' ? text : withoutKeys(part, ['signature']);
  });
  return parts.length === 1 ? (parts[0] ?? '') : parts;
}

function resultOf(output: Json): Json {
  const content = member(output, 'content');
  const parts = list(content).map((part) => {
    const text = member(part, 'text');
    return typeof text === 'string' ? text : part;
  });
  if (parts.every((part) => typeof part === 'string')) return parts.join('\n');
  return parts;
}

function member(value: Json, key: string): Json {
  return isObject(value) ? (value[key] ?? '') : '';
}

function list(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function withoutKeys(value: Json, keys: readonly string[]): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A recorded value that is damaged takes nothing else of the comparison with it. */
function orProblem(write: () => string): string {
  try {
    return write();
  } catch (error) {
    if (error instanceof SyntaxError) return '(cannot be read)';
    if (isStrataError(error)) return `(${error.message})`;
    throw error;
  }
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
