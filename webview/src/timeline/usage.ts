import type { RunId } from '../../../extension/src/protocol/run-event.ts';
import type { RunView } from '../../../extension/src/protocol/run-view.ts';
import { activeTime } from '../../../extension/src/protocol/run-view.ts';
import type { Branch } from '../outline.ts';
import { endedSpan } from '../time-scale.ts';
import { firstAbove } from './lane.ts';

/** What the model calls came to, summed up to each of them in the order of their ends. */
export interface Usage {
  readonly calls: number;
  readonly ends: Float64Array;
  /** Each one longer than `ends`: the sum of the first n calls stands at n. */
  readonly tokens: Float64Array;
  readonly dollars: Float64Array;
}

/** Of the run and its sub-runs. One that is not here counts as a whole where its step ended. */
export function usageOf(clock: RunView, branches: ReadonlyMap<RunId, Branch>): Usage {
  const calls: (readonly [end: number, tokens: number, usd: number])[] = [];
  for (const { run, host, takenOver } of branches.values()) {
    // A step that was tried again counts its last sub-run only.
    if (host && host.step?.child !== run.id) continue;
    for (const step of run.steps) {
      const { model, rollUp, child } = step;
      if (!model && !rollUp) continue;
      const end = activeTime(clock, step.startedAt) + (takenOver ? 0 : endedSpan(run, step));
      if (model) {
        const usd = model.cost.kind === 'priced' || model.cost.kind === 'estimated' ? model.cost.usd : 0;
        calls.push([end, model.usage.input + model.usage.output, usd]);
      }
      const here = child !== undefined && branches.get(child)?.host?.step === step;
      if (rollUp && rollUp.calls > 0 && !here)
        calls.push([end, rollUp.inputTokens + rollUp.outputTokens, rollUp.usd]);
    }
  }
  calls.sort(([a], [b]) => a - b);
  const ends = new Float64Array(calls.length);
  const tokens = new Float64Array(calls.length + 1);
  const dollars = new Float64Array(calls.length + 1);
  calls.forEach(([end, count, usd], index) => {
    ends[index] = end;
    tokens[index + 1] = (tokens[index] ?? 0) + count;
    dollars[index + 1] = (dollars[index] ?? 0) + usd;
  });
  return { calls: calls.length, ends, tokens, dollars };
}

/** The sum of the calls that ended after `from` and not after `to`. */
export function between(usage: Usage, sums: Float64Array, from: number, to: number): number {
  const first = firstAbove(usage.ends, usage.calls, from);
  const after = firstAbove(usage.ends, usage.calls, to);
  return (sums[after] ?? 0) - (sums[first] ?? 0);
}
