import { assert } from '../../../base/assert.ts';
import type { Json } from '../../../base/json.ts';
import { canonicalJson } from '../../../base/json.ts';
import { isMessage, writeConversation } from '../../../protocol/conversation.ts';
import type { Message } from '../../../protocol/message.ts';
import type { BlobId, RunEvent, RunId, StepId } from '../../../protocol/run-event.ts';
import { RUN_EVENT_VERSION } from '../../../protocol/run-event.ts';
import { runEventSchema } from '../../../protocol/run-event-schema.ts';
import { firstError, readYaml } from '../../definition-file/index.ts';
import type { Path, TextRange, YamlText } from '../../definition-file/index.ts';
import { sha256 } from '../hash.ts';
import { toPayload } from '../payload.ts';
import type { RunLog } from '../ports.ts';
import { recordingInvalid, recordingTooNew } from './errors.ts';
import { fileSchema, inProgram, PAYLOADS, RECORDING_VERSION, reference, REFERENCES } from './format.ts';
import type { RecordingFile } from './format.ts';
import { checkOrder } from './order.ts';

/** A recording that was read from its file: a log of its own, in memory. */
export interface Recording {
  /** The run that it is of; the others are sub-runs. */
  readonly root: RunId;
  readonly runs: readonly RunId[];
  readonly log: Pick<RunLog, 'read' | 'getBlob'>;
  /** Where a step begins or ends in the file; without a step, the end of the run. */
  placeOf(run: RunId, step: StepId | undefined, of: 'start' | 'end'): TextRange;
}

/** Throws `recording-invalid` with the line of the first mistake, and `recording-too-new`. `file` is for the message. */
export function readRecording(text: string, file: string): Recording {
  const yaml = readYaml(text.replace(/\r\n/g, '\n'), 0);
  const fail = (path: Path, problem: string): never => {
    throw recordingInvalid(file, yaml.rangeAt(path).start.line + 1, problem);
  };
  const mistake = firstError(yaml.syntax);
  if (mistake) throw recordingInvalid(file, mistake.range.start.line + 1, mistake.message);
  const version = yaml.valueAt(['strata-run']);
  if (typeof version === 'number' && version > RECORDING_VERSION) throw recordingTooNew(file, version);
  const { data, mistakes } = yaml.check(fileSchema, [], () => []);
  if (!data) {
    const first = firstError(mistakes);
    throw recordingInvalid(file, (first?.range.start.line ?? 0) + 1, first?.message ?? 'cannot be read');
  }
  return openRecording(data, yaml, fail);
}

type Fail = (path: Path, problem: string) => never;

function openRecording(file: RecordingFile, yaml: YamlText, fail: Fail): Recording {
  const blobs = new Map<BlobId, string>();
  const putBlob = (text: string): BlobId => {
    const id = sha256(text);
    blobs.set(id, text);
    return id;
  };
  const labels = readLabels(file, putBlob, fail);
  const runs = new Map<RunId, readonly RunEvent[]>();
  const places = new Map<string, Path>();
  for (const [index, { run, began, events }] of file.runs.entries()) {
    if (runs.has(run)) fail(['runs', index, 'run'], `the run ${run} stands here twice`);
    const start = Date.parse(began);
    const read = events.map((raw, position) => {
      const path = ['runs', index, 'events', position];
      const { at, ...body } = raw;
      const members = withPayloads(body, { putBlob, labels, path, fail });
      const event = { v: RUN_EVENT_VERSION, run, seq: position + 1, at: start + at, ...members };
      const parsed = runEventSchema.safeParse(event);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      const inside = (issue?.path ?? []).map((part) => (typeof part === 'symbol' ? String(part) : part));
      return fail([...path, ...inside], `${inside.join('.') || 'event'}: ${issue?.message ?? 'wrong'}`);
    });
    checkOrder(read, (position, problem) => fail(['runs', index, 'events', position], problem));
    for (const [position, event] of read.entries()) {
      const place = ['runs', index, 'events', position];
      if ('step' in event) {
        const of = event.type === 'step.started' ? 'start' : 'end';
        places.set(`${run} ${event.step} ${of}`, place);
      }
      if (event.type.startsWith('run.')) places.set(run, place);
    }
    runs.set(run, read);
  }
  checkSubRuns(file, runs, fail);
  const [root] = runs.keys();
  return {
    root: root ?? '',
    runs: [...runs.keys()],
    log: {
      read: (run, afterSeq = 0) => (runs.get(run) ?? []).slice(afterSeq),
      getBlob: (id) => {
        const text = blobs.get(id);
        assert(text !== undefined, 'the events of a recording name blobs of its own');
        return text;
      },
    },
    placeOf: (run, step, of) => {
      const path =
        step === undefined
          ? undefined
          : (places.get(`${run} ${step} ${of}`) ?? places.get(`${run} ${step} start`));
      return yaml.rangeAt([...(path ?? places.get(run) ?? []), 'type']);
    },
  };
}

interface Reading {
  readonly putBlob: (text: string) => BlobId;
  readonly labels: ReadonlyMap<string, BlobId>;
  readonly path: Path;
  readonly fail: Fail;
}

/** With payloads and hashes as the log has them. */
function withPayloads(body: Record<string, unknown>, reading: Reading): Record<string, unknown> {
  const name = PAYLOADS[String(body['type'])];
  if (name === undefined || body[name] === undefined) return body;
  // Read by the YAML parser, which makes nothing but plain data.
  let value = body[name] as Json;
  if (body['type'] === 'run.started') value = inProgram(value, (request) => withIds(request, reading));
  if (body['type'] !== 'step.started') return { ...body, [name]: toPayload(reading, value) };
  value = withIds(value, reading);
  const identity = { kind: body['kind'] as Json, name: body['name'] as Json, input: value };
  return { ...body, [name]: toPayload(reading, value), inputHash: sha256(canonicalJson(identity)) };
}

function withIds(input: Json, { labels, path, fail }: Reading): Json {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const result: Record<string, Json> = { ...(input as Record<string, Json>) };
  for (const name of REFERENCES) {
    const found = reference.safeParse(result[name]);
    if (!found.success) continue;
    const { is } = found.data;
    result[name] = labels.get(is) ?? fail([...path, 'input', name], `there is no “${is}” in this file`);
  }
  return result;
}

/** The ids that conversations and lists of tools have as they stand in the file now, by label. */
function readLabels(
  { conversations, tools }: RecordingFile,
  putBlob: (text: string) => BlobId,
  fail: Fail,
): ReadonlyMap<string, BlobId> {
  const labels = new Map<string, BlobId>();
  for (const [label, { after, messages }] of Object.entries(conversations)) {
    const previous = after === undefined ? null : (labels.get(after) ?? undefined);
    if (previous === undefined)
      return fail(['conversations', label, 'after'], `there is no “${after}” before “${label}”`);
    const known = messages.map((message: unknown, index): Message =>
      isMessage(message) ? message : fail(['conversations', label, 'messages', index], 'is no message'),
    );
    labels.set(label, writeConversation(putBlob, previous, known));
  }
  for (const [label, list] of Object.entries(tools)) {
    if (labels.has(label)) fail(['tools', label], `“${label}” is a conversation already`);
    labels.set(label, putBlob(JSON.stringify(list)));
  }
  return labels;
}

function checkSubRuns(file: RecordingFile, runs: ReadonlyMap<RunId, readonly RunEvent[]>, fail: Fail): void {
  const children = new Set<RunId>();
  for (const [index, { run }] of file.runs.entries()) {
    for (const [position, event] of (runs.get(run) ?? []).entries())
      if (event.type === 'step.started' && event.child !== undefined) {
        children.add(event.child);
        if (!runs.has(event.child))
          fail(['runs', index, 'events', position, 'child'], `the run ${event.child} is not in this file`);
      }
    if (index > 0 && !children.has(run)) fail(['runs', index, 'run'], `no step is for the run ${run}`);
  }
}
