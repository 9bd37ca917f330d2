import type { Json } from '../../../base/json.ts';
import { isMessage } from '../../../protocol/conversation.ts';
import { formatCost, formatDuration, formatModel, formatRunCost } from '../../../protocol/format.ts';
import type { Message } from '../../../protocol/message.ts';
import { readPayload } from '../../../protocol/payload.ts';
import type { BlobId, Payload } from '../../../protocol/run-event.ts';
import type { RunView, StepView } from '../../../protocol/run-view.ts';
import { stepLabel } from '../../../protocol/step-label.ts';
import { group, isList, isObject, json, membersOf } from './inspected.ts';
import type { Group, Inspected, List, Member } from './inspected.ts';
import type { Conversations } from './conversations.ts';

/** What the blobs of a log hold, read when somebody looks. */
export interface Contents {
  readonly getBlob: (id: BlobId) => string;
  readonly conversations: Conversations;
}

/** The facts of a step. Times in milliseconds, costs in dollars. */
export function stepGroup(step: StepView, agent: string): Group {
  const { title, detail } = stepLabel(step);
  const { model } = step;
  return group(`${step.id} ${title} ${detail}`, {
    number: step.id,
    kind: step.kind,
    name: step.name,
    agent,
    status: step.isError ? 'finished, with an error as its result' : step.status,
    error: step.error && json({ ...step.error }, step.error.message),
    attempt: step.attempt,
    retry: step.retry === 0 ? undefined : step.retry,
    duration: step.durationMs === undefined ? undefined : formatDuration(step.durationMs),
    started: new Date(step.startedAt).toISOString(),
    effect: step.effect,
    model: model && formatModel(model),
    provider: model?.provider,
    route: step.kind === 'chat' ? step.name : undefined,
    cost: model && formatCost(model.cost, model.provider),
    tokens: model && json({ ...model.usage }),
    firstTokenMs: model?.firstTokenMs,
    subRun: step.child,
    cameTo: step.rollUp && json({ ...step.rollUp }, formatRunCost(step.rollUp)),
    context: step.context && json(structuredClone(step.context) as unknown as Json),
    notes: step.notes.length === 0 ? undefined : json(step.notes.map(({ level, text }) => ({ level, text }))),
    edited: step.edited ? 'A person gave this result in place of the recorded one.' : undefined,
  });
}

/** Arguments of a tool call, or the input of any other step without its messages, which have a place of their own. */
export function inputGroup(step: StepView, contents: Contents): Group {
  return {
    type: 'group',
    summary: 'what the step was given',
    members: () => {
      const raw = rawOf(contents, step.input);
      if (!isObject(raw)) return membersOf({ input: json(raw) });
      const given = raw['arguments'];
      const shown =
        step.kind === 'tool' && isObject(given) ? { ...given, ...without(raw, 'arguments') } : raw;
      return Object.entries(shown).flatMap(([name, value]): Member[] => {
        if (value === undefined || name === 'conversation') return [];
        const isBlob = step.kind === 'chat' && name === 'tools' && typeof value === 'string';
        return [{ name, value: isBlob ? later(contents, value) : json(value) }];
      });
    },
  };
}

export function resultOf(step: StepView, contents: Contents): Group {
  return {
    type: 'group',
    summary: step.output ? 'what the step came to' : step.status,
    members: () => {
      if (step.error) return membersOf({ error: json({ ...step.error }, step.error.message) });
      if (!step.output) return membersOf({ status: step.status, text: step.streamed || undefined });
      const output = readPayload(contents.getBlob, step.output);
      if (!isObject(output)) return membersOf({ result: json(output) });
      const text = textIn(output['content']);
      const members = Object.entries(output).flatMap(([name, value]) =>
        value === undefined ? [] : [{ name, value: json(value) }],
      );
      return text === '' ? members : [{ name: 'text', value: json(text) }, ...members];
    },
  };
}

/** What a tool or a model answered, in words. */
function textIn(content: Json | undefined): string {
  const parts = isList(content) ? content : [];
  const texts = parts.map((part) => (isObject(part) && part['type'] === 'text' ? part['text'] : undefined));
  return texts.filter((text) => typeof text === 'string').join('');
}

/** The id of the messages that a model call was given. Throws what reading the input throws. */
export function conversationOf(step: StepView, contents: Contents): BlobId | undefined {
  const raw = rawOf(contents, step.input);
  const id = isObject(raw) ? raw['conversation'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** The messages of the conversation, and those that came after it. */
export function messageList(id: BlobId, later: readonly Json[], { conversations }: Contents): List {
  const recorded = conversations.length(id);
  return {
    type: 'list',
    summary: `${recorded + later.length} messages`,
    length: recorded + later.length,
    slice: (start, count) => [
      ...conversations.slice(id, start, count).map(asInspected),
      ...later
        .slice(Math.max(0, start - recorded), Math.max(0, start + count - recorded))
        .map((message) => (isMessage(message) ? asInspected(message) : json(message))),
    ],
  };
}

/** A model's answer is recorded as the message, alone or beside more about it. */
export function replyOf(step: StepView, contents: Contents): Json | undefined {
  if (!step.output) return undefined;
  const output = readPayload(contents.getBlob, step.output);
  if (!isObject(output)) return undefined;
  const message = isObject(output['message']) ? output['message'] : output;
  return Array.isArray(message['content']) ? message : undefined;
}

export function runGroup(view: RunView): Group {
  return group(`${view.agent}: ${view.task}`, {
    id: view.id,
    agent: view.agent,
    task: view.task,
    status: view.status,
    origin: json({ ...view.origin }),
    route: view.route,
    folder: view.folder,
    isolation: view.isolation,
    started: new Date(view.startedAt).toISOString(),
    cost: formatRunCost(view.totals),
    error: view.error && json({ ...view.error }, view.error.message),
    changes: view.changes,
  });
}

/** `user: Make the test pass`, `assistant: calls files_read`. */
export function messageSummary(message: Message): string {
  if (message.role === 'system') return `system: ${message.text}`;
  const parts = message.content.map((part) => {
    switch (part.type) {
      case 'text':
        return part.text;
      case 'reasoning':
        return `(${part.text})`;
      case 'image':
        return `an image, ${part.mimeType}`;
      case 'tool-call':
        return `calls ${part.tool}`;
    }
  });
  const failed = message.role === 'tool' && message.isError ? ' (error)' : '';
  return `${message.role}${failed}: ${parts.join(' ')}`;
}

function asInspected(message: Message): Inspected {
  // Messages are plain data, which an interface without an index signature cannot say of itself.
  return json(message as unknown as Json, messageSummary(message));
}

function later(contents: Contents, id: BlobId): Group {
  return {
    type: 'group',
    summary: 'what the model could call',
    members: () => {
      const read = readPayload(contents.getBlob, { blob: id, bytes: 0 });
      const list = Array.isArray(read) ? (read as readonly Json[]) : [read];
      return list.map((tool, index) => {
        const name = isObject(tool) ? tool['name'] : undefined;
        return { name: typeof name === 'string' ? name : String(index), value: json(tool) };
      });
    },
  };
}

/** Without putting the blobs that it names in place. */
function rawOf({ getBlob }: Contents, payload: Payload): Json {
  if ('inline' in payload) return payload.inline;
  return JSON.parse(getBlob(payload.blob)) as Json;
}

function without(value: Readonly<Record<string, Json | undefined>>, name: string) {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}
