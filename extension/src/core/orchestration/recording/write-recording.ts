import type { Json } from '../../../base/json.ts';
import { readConversationNode } from '../../../protocol/conversation.ts';
import type { BlobId, Payload, RunEvent, RunId } from '../../../protocol/run-event.ts';
import { runNotFound } from '../errors.ts';
import { fromPayload } from '../payload.ts';
import type { RunLog } from '../ports.ts';
import { inProgram, PAYLOADS, RECORDING_COMMENT, RECORDING_VERSION, REFERENCES } from './format.ts';
import { yamlText } from './yaml-document.ts';

/**
 * The text of a `.strata-run` file: the run, those of its steps, and all that they hold. Streamed text is left out, which is
 * for people to watch, and so is the path of the folder. Throws `blob-damaged` where something cannot be read.
 */
export function writeRecording(log: Pick<RunLog, 'read' | 'getBlob'>, root: RunId): string {
  const labels = createLabels((id) => log.getBlob(id));
  const found = runsFrom(log, root);
  const runs = [...found].map(([run, events]) => {
    const began = events[0]?.at ?? 0;
    return {
      run,
      began: new Date(began).toISOString(),
      events: events.flatMap((event) =>
        event.type === 'step.output' ? [] : [eventJson(log, labels, event, began, found)],
      ),
    };
  });
  const file = { 'strata-run': RECORDING_VERSION, runs, ...labels.sections() };
  return yamlText(file, RECORDING_COMMENT);
}

type Runs = ReadonlyMap<RunId, readonly RunEvent[]>;

/** The run and those below it, each once. */
function runsFrom(log: Pick<RunLog, 'read'>, root: RunId): Runs {
  const found = new Map<RunId, readonly RunEvent[]>();
  const add = (run: RunId): void => {
    if (found.has(run)) return;
    const events = log.read(run);
    if (events.length === 0) return;
    found.set(run, events);
    for (const event of events) if (event.type === 'step.started' && event.child) add(event.child);
  };
  add(root);
  if (found.size === 0) throw runNotFound(root);
  return found;
}

function eventJson(
  log: Pick<RunLog, 'getBlob'>,
  labels: Labels,
  event: RunEvent,
  began: number,
  runs: Runs,
): Record<string, Json> {
  const { v: _version, run: _run, seq: _seq, at, type, ...rest } = event;
  const members: Record<string, Json> = { type, ...(rest as unknown as Record<string, Json>) };
  const payload = PAYLOADS[type];
  if (payload !== undefined && members[payload] !== undefined) {
    const value = fromPayload(log, members[payload] as unknown as Payload);
    members[payload] = event.type === 'step.started' ? labels.refer(value) : value;
    if (event.type === 'run.started') members[payload] = inProgram(value, (request) => labels.refer(request));
  }
  // It follows from kind, name and input.
  delete members['inputHash'];
  if (event.type === 'run.started') members['folder'] = '.';
  // It never began, or has been removed since.
  if (event.type === 'step.started' && event.child !== undefined && !runs.has(event.child))
    delete members['child'];
  members['at'] = at - began;
  return members;
}

interface Labels {
  /** The value with labels in place of ids. */
  refer(input: Json): Json;
  sections(): { readonly conversations: Json; readonly tools: Json };
}

function createLabels(getBlob: (id: BlobId) => string): Labels {
  const labels = new Map<BlobId, string>();
  const conversations: Record<string, Json> = {};
  const tools: Record<string, Json> = {};

  const conversation = (id: BlobId): string => {
    const unwritten: BlobId[] = [];
    for (let next: BlobId | null = id; next !== null && !labels.has(next);) {
      unwritten.push(next);
      next = readConversationNode(getBlob, next).previous;
    }
    for (const one of unwritten.reverse()) {
      const { previous, messages } = readConversationNode(getBlob, one);
      const label = `c${Object.keys(conversations).length + 1}`;
      labels.set(one, label);
      const after = previous === null ? undefined : labels.get(previous);
      conversations[label] = {
        ...(after === undefined ? {} : { after }),
        messages: messages as unknown as Json,
      };
    }
    return labels.get(id) ?? '';
  };
  const toolList = (id: BlobId): string => {
    const known = labels.get(id);
    if (known !== undefined) return known;
    const label = `t${Object.keys(tools).length + 1}`;
    labels.set(id, label);
    tools[label] = JSON.parse(getBlob(id)) as Json;
    return label;
  };

  return {
    refer: (input) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
      const result: Record<string, Json> = { ...(input as Record<string, Json>) };
      for (const name of REFERENCES) {
        const id = result[name];
        if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id)) continue;
        result[name] = { is: name === 'tools' ? toolList(id) : conversation(id) };
      }
      return result;
    },
    sections: () => ({ conversations, tools }),
  };
}
