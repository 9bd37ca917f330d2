import { canonicalJson } from '../../../base/json.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import type { RunView, StepView } from '../../../protocol/run-view.ts';
import { fromPayload } from '../payload.ts';
import type { RunLog } from '../ports.ts';
import type { RunInput } from '../run-input.ts';
import type { Calls, Incoming, IncomingCall } from './calls.ts';

/** The calls of a gateway's run: those that come in, or where nobody calls any more those that were recorded. */
export function callsOf(
  { program }: RunInput,
  live: Calls | undefined,
  log: Pick<RunLog, 'getBlob'>,
  view: RunView,
): Calls | undefined {
  return program.kind === 'gateway' ? (live ?? recordedCalls(log, view)) : undefined;
}

interface Slot {
  readonly incoming: Incoming;
  readonly stage: 'approval' | 'step';
}

/**
 * What came in, read from the steps that were taken for it, and each step in the place that it had. Nobody waits for these
 * calls: one that was cut off gets a result that says so.
 */
function recordedCalls(log: Pick<RunLog, 'getBlob'>, view: RunView): Calls {
  const slots = slotsOf(log, view);
  const left = slots.flatMap(({ incoming }, at) =>
    slots.findIndex((one) => one.incoming === incoming) === at ? [incoming] : [],
  );
  const asked = new Map<Slot, { readonly alone: boolean; readonly ask: () => Promise<unknown> }>();
  const running = new Set<Promise<unknown>>();
  let at = 0;
  const goOn = (): void => {
    for (let slot = slots[at]; slot; slot = slots[at]) {
      const next = asked.get(slot);
      // What had the files to itself depends on what every step before it had made of them.
      if (!next || (next.alone && running.size > 0)) return;
      at += 1;
      const step = next.ask();
      if (slot.stage === 'approval') continue;
      running.add(step);
      const ended = (): void => {
        running.delete(step);
        goOn();
      };
      step.then(ended, ended);
    }
  };
  return {
    next: () => Promise.resolve(left.shift()),
    inTurn: (incoming, stage, ask) => {
      const kind = stage === 'approval' ? 'approval' : 'step';
      const slot = slots.find((one, place) => place >= at && one.incoming === incoming && one.stage === kind);
      if (!slot) return ask();
      return new Promise((resolve) => {
        const asking = (): Promise<unknown> => {
          const step = ask();
          resolve(step);
          return step;
        };
        asked.set(slot, { alone: stage === 'alone', ask: asking });
        goOn();
      });
    },
    offered: () => undefined,
  };
}

function slotsOf(log: Pick<RunLog, 'getBlob'>, view: RunView): readonly Slot[] {
  const own = view.steps.filter(({ id }) => !id.includes('.'));
  // The program begins with these by itself.
  const begins = new Set([
    own.find(({ kind }) => kind === 'snapshot'),
    own.find(({ kind }) => kind === 'catalogue'),
  ]);
  /** Calls that a person was asked about, by the step that follows from the answer. */
  const asked: { readonly call: IncomingCall; readonly key: string }[] = [];
  return own.flatMap((step): Slot[] => {
    if (begins.has(step)) return [];
    const input = fromPayload(log, step.input) as JsonObject;
    switch (step.kind) {
      case 'catalogue':
        return [{ incoming: { kind: 'tools' }, stage: 'step' }];
      case 'merge':
        return [{ incoming: { kind: 'files', tree: textOf(input['theirs']) }, stage: 'step' }];
      case 'approval': {
        const call = recordedCall(step, input);
        asked.push({ call, key: afterAnswer(log, step, input) });
        return [{ incoming: call, stage: 'approval' }];
      }
      case 'tool': {
        const key = keyOf(step.name, input['arguments'], input['refusal'] !== undefined);
        const known = asked.findIndex((one) => one.key === key);
        const call = known < 0 ? recordedCall(step, input) : asked.splice(known, 1)[0]?.call;
        return call ? [{ incoming: call, stage: 'step' }] : [];
      }
      default:
        return [];
    }
  });
}

/** What the call became when the person had answered. */
function afterAnswer(log: Pick<RunLog, 'getBlob'>, step: StepView, input: JsonObject): string {
  const answer = step.output && (fromPayload(log, step.output) as JsonObject);
  const edited = answer?.['allowed'] === true ? answer['arguments'] : undefined;
  return keyOf(step.name, edited ?? input['arguments'], answer?.['allowed'] !== true);
}

function keyOf(tool: string, args: Json | undefined, refused: boolean): string {
  return canonicalJson([tool, args ?? {}, refused]);
}

function recordedCall({ name }: StepView, input: JsonObject): IncomingCall {
  return {
    kind: 'call',
    tool: name,
    arguments: (input['arguments'] ?? {}) as JsonObject,
    signal: AbortSignal.abort(),
    caller: {},
    settle: () => undefined,
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
