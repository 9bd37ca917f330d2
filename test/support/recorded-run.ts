import { createHash } from 'node:crypto';
import type { Json } from '../../extension/src/base/json.ts';
import { canonicalJson } from '../../extension/src/base/json.ts';
import { Emitter } from '../../extension/src/base/event.ts';
import { writeConversation } from '../../extension/src/protocol/conversation.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import type { RunFacts } from '../../extension/src/protocol/panel.ts';
import type { BlobId, Payload, RunEvent, RunEventBody } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunSource } from '../../extension/src/vscode/trace-panel/ports.ts';

/** A run log in memory, written to as the run loop writes. Time moves only when it is told to. */
export class RecordedRun implements RunSource {
  readonly id: string;
  readonly events: RunEvent[] = [];
  readonly blobs = new Map<BlobId, string>();
  at: number;
  live = false;
  waiting: RunFacts['waiting'] = [];
  #appended = new Emitter<readonly RunEvent[]>();
  readonly onDidAppend = this.#appended.event;

  constructor(id: string, at: number) {
    this.id = id;
    this.at = at;
  }

  view(run = this.id) {
    return run === this.id ? foldRun(this.events) : undefined;
  }

  read(_run: string, afterSeq: number) {
    return this.events.slice(afterSeq);
  }

  facts(): RunFacts {
    return { live: this.live, own: this.live, waiting: this.waiting };
  }

  getBlob(id: BlobId): string {
    const text = this.blobs.get(id);
    if (text === undefined) throw new Error(`There is no blob ${id}.`);
    return text;
  }

  readonly putBlob = (text: string): BlobId => {
    const id = createHash('sha256').update(text).digest('hex');
    this.blobs.set(id, text);
    return id;
  };

  append(...bodies: readonly RunEventBody[]): this {
    const events = bodies.map((body, index): RunEvent => {
      return { v: 4, run: this.id, seq: this.events.length + index + 1, at: this.at, ...body };
    });
    this.events.push(...events);
    this.#appended.fire(events);
    return this;
  }

  wait(ms: number): this {
    this.at += ms;
    return this;
  }

  clear(): this {
    this.events.length = 0;
    return this;
  }

  loseBlobs(): this {
    this.blobs.clear();
    return this;
  }

  start(task: string, agent = 'coder', more: Partial<RunStart> = {}): this {
    return this.append({
      type: 'run.started',
      origin: { kind: 'user' },
      agent,
      task,
      folder: '/home/ada/projects/till',
      route: 'code',
      isolation: 'copy',
      input: { inline: { agent, task, maxSteps: 50 } },
      strata: '0.1.0',
      ...more,
    });
  }

  begin(
    step: string,
    kind: StepStart['kind'],
    name: string,
    input: Json,
    more: Partial<StepStart> = {},
  ): this {
    return this.append({
      type: 'step.started',
      step,
      kind,
      name,
      effect: kind === 'tool' ? 'contained' : 'read',
      inputHash: 'f'.repeat(64),
      input: this.payload(input),
      attempt: 1,
      ...more,
    });
  }

  finish(step: string, durationMs: number, output: Json, more: Partial<StepFinish> = {}): this {
    return this.wait(durationMs).append({
      type: 'step.finished',
      step,
      output: this.payload(output),
      durationMs,
      ...more,
    });
  }

  /** The input of a model call as the run loop records it. */
  chatInput(messages: readonly Message[], tools: Json, previous: BlobId | null = null) {
    const conversation = writeConversation(this.putBlob, previous, messages);
    return {
      conversation,
      input: { route: 'code', conversation, tools: this.putBlob(canonicalJson(tools)) },
    };
  }

  payload(value: Json): Payload {
    const text = canonicalJson(value);
    return text.length < 200 ? { inline: value } : { blob: this.putBlob(text), bytes: text.length };
  }
}

type RunStart = Extract<RunEventBody, { type: 'run.started' }>;
type StepStart = Extract<RunEventBody, { type: 'step.started' }>;
type StepFinish = Extract<RunEventBody, { type: 'step.finished' }>;
