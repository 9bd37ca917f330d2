import type { Json } from '../../../base/json.ts';
import { isStrataError } from '../../../base/errors.ts';
import { formatCost, formatDuration, formatRunCost, formatTokens } from '../../../protocol/format.ts';
import { readPayload } from '../../../protocol/payload.ts';
import type { RunId } from '../../../protocol/run-event.ts';
import type { StepView } from '../../../protocol/run-view.ts';
import { stepLabel } from '../../../protocol/step-label.ts';
import { summariseStep } from '../../observability/step-summary.ts';
import { isList, isObject, json, summaryOf } from './inspected.ts';
import { plainLine, plainText } from './plain-text.ts';
import type { StepStop } from './recording.ts';
import { replyOf } from './step-values.ts';
import type { Contents } from './step-values.ts';

/** Where the transcript of a run is found, to be named in that of another. The agent is empty where it is not known. */
export type TranscriptLink = (run: RunId, agent: string) => string;

/** Longer texts are cut: the whole is in the variables. */
const SHOWN_LINES = 12;
const SHOWN_COLUMNS = 300;
const NAME_CHARACTERS = 120;

/** `8 shell_run · error · 4.2 s`, `7.1 Model call claude-sonnet · 3.1 s · 2.4k in, 120 out · $0.0091`. */
export function headingOf({ step, agent, recording }: StepStop): string {
  const { title, detail } = stepLabel(step);
  const name = plainLine([title, detail].filter(Boolean).join(' '), NAME_CHARACTERS);
  const { model, rollUp } = step;
  const facts = [
    agent === recording.view.agent ? undefined : plainLine(agent, NAME_CHARACTERS),
    stateOf(step),
    step.attempt > 1 ? `attempt ${step.attempt}` : undefined,
    step.durationMs ? formatDuration(step.durationMs) : undefined,
    model && `${formatTokens(model.usage.input)} in, ${formatTokens(model.usage.output)} out`,
    model && formatCost(model.cost, model.provider),
    rollUp && `${rollUp.steps} steps, ${formatRunCost(rollUp)}`,
  ];
  return [`${step.id} ${name}`, ...facts.filter((fact) => fact !== undefined)].join(' · ');
}

export function bodyOf({ step }: StepStop, contents: Contents, linkTo: TranscriptLink): string[] {
  const notes = step.notes.map(({ level, text }) => `${level}: ${plainLine(text, SHOWN_COLUMNS)}`);
  return [
    ...notes,
    ...orProblem(() => contextLines(step)),
    ...orProblem(() => whatItDid(step, contents)),
    ...(step.error ? errorLines(step.error) : []),
    ...(step.child === undefined ? [] : [`transcript: ${linkTo(step.child, step.name)}`]),
    ...(step.files ? [`changed: ${plainLine(step.files.paths.join(', '), SHOWN_COLUMNS)}`] : []),
    ...(step.edited ? ['A person gave this result in place of the recorded one.'] : []),
  ];
}

/** At most `SHOWN_LINES` lines, without anything that an editor would not show as it is. */
export function cutLines(text: string): string[] {
  const all = plainText(text).trimEnd().split('\n');
  const shown = all
    .slice(0, SHOWN_LINES)
    .map((line) => (line.length > SHOWN_COLUMNS ? `${line.slice(0, SHOWN_COLUMNS - 1)}…` : line.trimEnd()));
  const left = all.length - SHOWN_LINES;
  return left > 0 ? [...shown, `… ${left} more ${left === 1 ? 'line' : 'lines'}`] : shown;
}

/** A part that cannot be read says so in its place: the rest of the run still can be. */
export function orProblem(write: () => string[]): string[] {
  try {
    return write();
  } catch (error) {
    if (error instanceof SyntaxError) return ['(This part is damaged.)'];
    if (!isStrataError(error)) throw error;
    return cutLines(`(${error.message})`);
  }
}

function stateOf(step: StepView): string | undefined {
  if (step.status === 'finished') return step.isError ? 'error' : undefined;
  return step.status;
}

function contextLines({ context }: StepView): string[] {
  if (!context) return [];
  const { budget, tokens, leftOut } = context;
  const out = leftOut.messages === 0 ? '' : `; ${leftOut.messages} older messages left out`;
  return [`context: ${formatTokens(tokens)} of ${formatTokens(budget)} tokens${out}`];
}

function whatItDid(step: StepView, contents: Contents): string[] {
  if (step.kind === 'chat') return replyLines(step, contents);
  if (step.kind === 'tool') return [...argumentLines(step, contents), ...resultLines(step, contents)];
  if (step.status !== 'finished') return [];
  const line = summariseStep(step, (payload) => readPayload(contents.getBlob, payload));
  return line === '' ? [] : cutLines(line);
}

function replyLines(step: StepView, contents: Contents): string[] {
  const reply = replyOf(step, contents);
  if (!isObject(reply)) return step.streamed === '' ? [] : cutLines(step.streamed);
  const parts = isList(reply['content']) ? reply['content'] : [];
  return parts.flatMap((part) => {
    if (!isObject(part)) return [];
    if (part['type'] === 'tool-call') return [`-> ${callLine(part['tool'], part['arguments'])}`];
    const text = part['text'];
    return typeof text === 'string' && text.trim() !== '' ? cutLines(text) : [];
  });
}

function callLine(tool: Json | undefined, given: Json | undefined): string {
  const members = isObject(given)
    ? Object.entries(given).map(([name, value]) => `${name}: ${summaryOf(json(value ?? null), 60)}`)
    : [];
  return plainLine(`${typeof tool === 'string' ? tool : 'a tool'}(${members.join(', ')})`, SHOWN_COLUMNS);
}

function argumentLines(step: StepView, contents: Contents): string[] {
  const input = readPayload(contents.getBlob, step.input);
  const given = isObject(input) ? input['arguments'] : undefined;
  if (!isObject(given)) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    const label = plainLine(name, NAME_CHARACTERS);
    if (typeof value !== 'string') return [`${label}: ${summaryOf(json(value ?? null), SHOWN_COLUMNS)}`];
    if (!value.includes('\n')) return [`${label}: ${plainLine(value, SHOWN_COLUMNS)}`];
    return labelled(label, cutLines(value));
  });
}

function resultLines(step: StepView, contents: Contents): string[] {
  if (!step.output) return step.streamed === '' ? [] : labelled('result', cutLines(step.streamed));
  const output = readPayload(contents.getBlob, step.output);
  const content = isObject(output) ? output['content'] : undefined;
  const parts = isList(content) ? content : [output];
  const texts = parts.flatMap((part) => {
    if (typeof part === 'string') return [part];
    const text = isObject(part) ? part['text'] : undefined;
    return [typeof text === 'string' ? text : summaryOf(json(part))];
  });
  const lines = cutLines(texts.join('\n'));
  return lines.length === 1 && lines[0] === '' ? [] : labelled('result', lines);
}

function labelled(label: string, lines: readonly string[]): string[] {
  return [`${label}:`, ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}

function errorLines({ code, message, action }: NonNullable<StepView['error']>): string[] {
  return cutLines(`${code}: ${message} ${action ?? ''}`.trim());
}
