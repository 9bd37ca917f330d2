import { setTimeout as sleep } from 'node:timers/promises';
import { unpackSteps } from '../../../extension/src/protocol/panel-steps.ts';
import type { HostMessage } from '../../../extension/src/protocol/panel.ts';
import { applyEvent } from '../../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../../extension/src/protocol/run-view.ts';
import { PanelSession } from '../../../extension/src/vscode/trace-panel/session.ts';
import type { LogOfRuns } from './log.ts';

const RUN = 'r-live';
const SECONDS = 5;
const EVENTS_PER_SECOND = 200;

export interface Live {
  /** Of a core, for what the panel does with the events. Recording them is not the panel's. */
  readonly share: number;
  readonly dropped: number;
}

/** A run that goes on from 10,000 steps on. Each message is written as JSON, as the editor does to send it. */
export async function measureLive(log: LogOfRuns): Promise<Live> {
  const { store } = log;
  log.record(RUN, { steps: 10_000, bytes: 100 });
  const lease = store.acquire(RUN);
  const source = log.source(RUN);
  log.view(RUN);
  let spent = 0;
  const counted = <T>(work: () => T): T => {
    const before = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(before);
    spent += user + system;
    return result;
  };
  let seen: RunView | undefined;
  const take = (message: HostMessage): void => {
    if (message.type === 'run') seen = { ...message.view, steps: unpackSteps(message.steps, 0) };
    if (message.type !== 'events' || !seen) return;
    for (const event of message.events) applyEvent(seen, event);
  };
  const arrived: HostMessage[] = [];
  const session = new PanelSession(RUN, {
    source: {
      ...source,
      onDidAppend: (listener) => source.onDidAppend((events) => counted(() => listener(events))),
    },
    actions: noActions,
    editor: { copy: () => Promise.resolve(), openJson: () => Promise.resolve(), showError: () => undefined },
    post: (message) => {
      JSON.stringify(message);
      arrived.push(message);
    },
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(() => counted(callback), ms);
      return { dispose: () => clearTimeout(timer) };
    },
  });
  try {
    await session.receive({ type: 'ready' });
    spent = 0;
    const begun = performance.now();
    for (let n = 0; n < SECONDS * EVENTS_PER_SECOND; n += 2) {
      const step = String(20_000 + n);
      store.append(lease, [
        {
          ...{ type: 'step.started', step, kind: 'tool', name: 'files_read', effect: 'read' },
          ...{ inputHash: 'f'.repeat(64), input: { inline: { path: step } }, attempt: 1 },
        },
        { type: 'step.finished', step, output: { inline: 'Done.' }, durationMs: 1 },
      ]);
      await sleep(Math.max(0, begun + ((n + 2) / EVENTS_PER_SECOND) * 1000 - performance.now()));
    }
    await sleep(200);
    const elapsed = performance.now() - begun;
    for (const message of arrived) take(message);
    const last = log.view(RUN)?.lastSeq ?? 0;
    return { share: spent / 1000 / elapsed, dropped: last - (seen?.lastSeq ?? 0) };
  } finally {
    session.dispose();
    store.release(lease);
  }
}

const nothing = (): Promise<undefined> => Promise.resolve(undefined);
const noActions = {
  ...{ stop: nothing, pause: nothing, resume: nothing, replay: nothing, rerun: nothing, apply: nothing },
  ...{ undo: nothing, discard: nothing, export: nothing, steer: nothing, fork: nothing, decide: nothing },
  ...{ openRun: async () => {}, openDiff: async () => {} },
};
