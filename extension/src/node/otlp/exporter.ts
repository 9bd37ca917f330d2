import type { Disposable } from '../../base/disposable.ts';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { backoffMs } from '../../core/observability/otlp-export/index.ts';
import type { Destination } from '../../core/observability/otlp-export/index.ts';
import { toOtlpJson } from '../../core/observability/index.ts';
import type { RunEvent, RunId } from '../../protocol/run-event.ts';
import type { Outbox, Waiting } from './outbox.ts';
import { sendTrace } from './send-trace.ts';
import type { SendPorts } from './send-trace.ts';

export interface ExporterPorts extends SendPorts {
  readonly outbox: Outbox;
  /** As the settings say now. */
  readonly destinations: () => readonly Destination[];
  /** A run with its sub-runs; undefined when it is no more. */
  readonly events: (run: RunId) => readonly RunEvent[] | undefined;
  readonly getBlob: (id: string) => string;
  readonly chance: () => number;
  readonly after: (ms: number, callback: () => void) => Disposable;
  /** One sentence for a log: what was left out, what cannot be reached. */
  readonly note: (text: string) => void;
}

export interface Exporter {
  /** A run has ended. Returns once it is on the disk; it is sent in the background. */
  add(run: RunId): void;
  /** Sends what can be sent now. Never rejects but for the signal. */
  flush(signal: AbortSignal): Promise<void>;
  /** Sends what was left from before, and goes on doing so when it is time. */
  start(): void;
  dispose(): Promise<void>;
}

/** Nobody else takes a run that is being sent; a process that died gives it back after this. */
const CLAIM_MS = 10 * 60_000;
/** Of destinations that were taken out of the settings. */
const KEPT_MS = 7 * 24 * 60 * 60_000;
/** So that what ends together is sent together. */
const SOON_MS = 500;
/** Settings may have changed, and other processes may have left something. */
const LOOK_AGAIN_MS = 10 * 60_000;
/** A key or an address that is wrong is looked at again this often. */
const SET_UP_MS = 5 * 60_000;

/** Sends runs to the destinations of the settings, in the order in which they ended. */
export function createExporter(ports: ExporterPorts): Exporter {
  const { outbox, now } = ports;
  const ending = new AbortController();
  let timer: Disposable | undefined;
  let timerAt = Infinity;
  let working: Promise<void> | undefined;
  /** What was last said of a destination, so that it is said once and not with each attempt. */
  const said = new Map<string, string>();

  const schedule = (ms: number): void => {
    const at = now() + ms;
    if (ending.signal.aborted || at >= timerAt) return;
    timer?.dispose();
    timerAt = at;
    timer = ports.after(ms, () => {
      timerAt = Infinity;
      // It rejects when this ends, and then nobody is left to be told.
      work(ending.signal).then(scheduleNext, () => undefined);
    });
  };
  const scheduleNext = (): void => {
    const times = ports.destinations().map(({ id }) => outbox.nextAt(id) ?? Infinity);
    schedule(Math.min(LOOK_AGAIN_MS, Math.max(SOON_MS, Math.min(...times) - now())));
  };

  const tell = (destination: Destination, text: string): void => {
    if (said.get(destination.id) === text) return;
    said.set(destination.id, text);
    ports.note(text);
  };

  const put = (destination: Destination, waiting: Waiting, message: string, ms: number): false => {
    const failures = outbox.failures(destination.id) + 1;
    outbox.postpone(waiting, failures, now() + ms);
    tell(destination, `Runs wait to be exported to ${new URL(destination.url).origin}: ${message}.`);
    return false;
  };

  /** One that is damaged never can be sent; what else fails may be better the next time. */
  const read = (run: RunId): readonly RunEvent[] | undefined => {
    try {
      return ports.events(run);
    } catch (error) {
      if (!isStrataError(error) || error.code !== 'run-damaged') throw error;
      ports.note(`Run ${run} is not exported: ${error.message}`);
      return undefined;
    }
  };

  /** Whether the next one may be tried. */
  const sendOne = async (
    destination: Destination,
    waiting: Waiting,
    signal: AbortSignal,
  ): Promise<boolean> => {
    try {
      return await send(destination, waiting, signal);
    } catch (error) {
      if (signal.aborted) outbox.giveBack(waiting);
      signal.throwIfAborted();
      return put(destination, waiting, messageOf(error).replace(/\.$/, ''), SET_UP_MS);
    }
  };

  const send = async (destination: Destination, waiting: Waiting, signal: AbortSignal): Promise<boolean> => {
    const events = read(waiting.run);
    const [started] = events ?? [];
    // Removed meanwhile, a part of another run, or somebody else's trace, which is theirs to send.
    if (!events || started?.type !== 'run.started' || isNotOurs(started)) {
      outbox.remove(waiting);
      return true;
    }
    const { content: includeContent, id, url } = destination;
    const traces = toOtlpJson(events, { includeContent, getBlob: ports.getBlob });
    const onSent = (sent: number): void => outbox.advance(waiting, sent);
    const sent = await sendTrace(destination, traces, ports, { sent: waiting.sent, onSent, signal });
    if (sent.kind === 'set-up') return put(destination, waiting, sent.message, SET_UP_MS);
    if (sent.kind === 'later') {
      const backoff = backoffMs(outbox.failures(id) + 1, ports.chance());
      return put(destination, waiting, sent.message, Math.max(sent.afterMs ?? 0, backoff));
    }
    outbox.remove(waiting);
    outbox.reached(id);
    said.delete(id);
    for (const text of sent.notes)
      ports.note(`Export of run ${waiting.run} to ${new URL(url).origin}: ${text}.`);
    return true;
  };

  const drain = async (destination: Destination, signal: AbortSignal): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const waiting = outbox.take(destination.id, now(), now() + CLAIM_MS);
      if (!waiting || !(await sendOne(destination, waiting, signal))) return;
    }
  };
  const work = (signal: AbortSignal): Promise<void> => {
    working ??= Promise.allSettled(ports.destinations().map((one) => drain(one, signal))).then(() => {
      working = undefined;
    });
    return working;
  };

  return {
    add: (run) => {
      for (const destination of ports.destinations()) {
        const dropped = outbox.add(destination.id, run, now());
        if (dropped > 0) {
          const origin = new URL(destination.url).origin;
          ports.note(`Too many runs wait to be exported to ${origin}; the oldest ${dropped} will not be.`);
        }
      }
      if (ports.destinations().length > 0) schedule(SOON_MS);
    },
    flush: async (signal) => {
      await working;
      await work(AbortSignal.any([signal, ending.signal]));
    },
    start: () => {
      outbox.removeOlderThan(now() - KEPT_MS);
      scheduleNext();
    },
    dispose: async () => {
      ending.abort();
      timer?.dispose();
      await working;
      outbox.dispose();
    },
  };
}

function isNotOurs({ origin }: Extract<RunEvent, { type: 'run.started' }>): boolean {
  return origin.kind === 'sub-run' || origin.kind === 'import';
}
