import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import { writeConversation } from '../../extension/src/protocol/conversation.ts';
import { readPayload } from '../../extension/src/protocol/payload.ts';
import type {
  BlobId,
  Payload,
  RunEventBody,
  RunId,
  RunOrigin,
} from '../../extension/src/protocol/run-event.ts';
import { childRunId } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';

export interface RunPlan {
  readonly turns?: number;
  readonly origin?: RunOrigin;
  readonly end?: 'succeeded' | 'paused' | 'running';
  /** Characters of each answer. */
  readonly length?: number;
  readonly subRuns?: number;
  readonly changes?: boolean;
}

export const DAY_MS = 86_400_000;

/** A run log whose clock is set by hand. */
export function logAt(file: string): { readonly store: RunStore; readonly clock: { now: number } } {
  const clock = { now: Date.UTC(2026, 0, 1) };
  return { store: openRunStore(file, () => clock.now), clock };
}

/** Writes a run as the engine does: a chain of messages, a list of tools that all runs have in common, answers of their own. */
export function recordRun(store: RunStore, run: RunId, plan: RunPlan = {}): void {
  const { turns = 3, origin = { kind: 'user' }, end = 'succeeded', length = 900, subRuns = 0 } = plan;
  const large = (text: string): Payload => ({
    blob: store.putBlob(JSON.stringify(text)),
    bytes: text.length,
  });
  const { lease } = store.begin(run, {
    type: 'run.started',
    origin,
    agent: 'coder',
    task: `Task of ${run}`,
    folder: '/w',
    route: 'code',
    isolation: 'copy',
    input: large(`input of every run ${'x'.repeat(600)}`),
    strata: 'test',
  });
  const tools = store.putBlob(JSON.stringify([{ name: 'every run has it', about: 'y'.repeat(600) }]));
  let conversation: BlobId | null = null;
  let steps = 0;
  const step = (kind: 'chat' | 'agent', input: Payload, ended: Partial<RunEventBody>): void => {
    const id = String((steps += 1));
    const child = kind === 'agent' ? { child: childRunId(run, id, 0) } : {};
    const hash = 'e'.repeat(64);
    store.append(lease, [
      {
        ...{ type: 'step.started', step: id, kind, name: 'code', effect: 'read', inputHash: hash },
        ...{ input, attempt: 1, ...child },
      },
    ]);
    store.append(lease, [{ type: 'step.finished', step: id, durationMs: 1, ...ended } as RunEventBody]);
  };
  for (let turn = 0; turn < turns; turn += 1) {
    const text = `${run} says ${turn}: ${'z'.repeat(length)}`;
    conversation = writeConversation(store.putBlob, conversation, [
      { role: 'assistant', content: [{ type: 'text', text }] },
    ]);
    // The chain is named by every second step only, so that its other half hangs on the chain alone.
    const input = turn % 2 === 0 ? { tools } : { conversation, tools };
    step('chat', { inline: input }, { output: large(text) });
  }
  for (let number = 0; number < subRuns; number += 1) {
    const id = String(steps + 1);
    recordRun(store, childRunId(run, id, 0), { turns, length, origin: { kind: 'sub-run', run, step: id } });
    const view = foldRun(store.read(childRunId(run, id, 0)));
    const usd = 0.5;
    const rollUp = { steps: view?.steps.length ?? 0, calls: 1, inputTokens: 10, outputTokens: 5, usd };
    step(
      'agent',
      { inline: 'a part' },
      {
        output: { inline: 'done' },
        rollUp: { ...rollUp, unpriced: 0, priced: 1, estimated: false },
      },
    );
  }
  if (plan.changes)
    store.append(lease, [
      {
        ...{ type: 'step.started', step: '99', kind: 'tool', name: 'edit', effect: 'contained' },
        ...{ inputHash: 'f'.repeat(64), input: { inline: 1 }, attempt: 1 },
      },
      {
        ...{ type: 'step.finished', step: '99', output: { inline: 1 }, durationMs: 1 },
        files: { before: 'a', after: 'b', paths: ['c'] },
      },
    ]);
  if (end === 'paused') store.append(lease, [{ type: 'run.paused', reason: { code: 'x', message: 'y' } }]);
  if (end === 'succeeded') store.append(lease, [{ type: 'run.finished', outcome: 'succeeded' }]);
  if (end !== 'running') store.release(lease);
}

/** Reads every event and every value of the run, and throws when one is missing or damaged. Returns how many there were. */
export function readWhole(store: RunStore, run: RunId): number {
  const events = store.read(run);
  const payloads = events.flatMap((event) => {
    if (event.type === 'run.started' || event.type === 'step.started') return [event.input];
    if (event.type === 'step.finished') return [event.output];
    return event.type === 'run.finished' && event.answer ? [event.answer] : [];
  });
  for (const payload of payloads) readPayload(store.getBlob, payload);
  return events.length + payloads.length;
}
