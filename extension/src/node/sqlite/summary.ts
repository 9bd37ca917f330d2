import type { RunEvent } from '../../protocol/run-event.ts';
import type { RunStatus } from '../../protocol/run-view.ts';

/** What one event adds to the summary of its run. */
export interface SummaryChange {
  readonly status: RunStatus | undefined;
  readonly steps: number;
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
  readonly unpriced: number;
  readonly priced: number;
  readonly estimated: number;
}

const NOTHING: SummaryChange = {
  status: undefined,
  steps: 0,
  calls: 0,
  tokens: 0,
  usd: 0,
  unpriced: 0,
  priced: 0,
  estimated: 0,
};

export function summaryChange(event: RunEvent): SummaryChange {
  switch (event.type) {
    case 'run.started':
    case 'run.resumed':
      return { ...NOTHING, status: 'running' };
    case 'run.paused':
      return { ...NOTHING, status: 'paused' };
    case 'run.finished':
      return { ...NOTHING, status: event.outcome };
    case 'step.started':
      return { ...NOTHING, steps: event.attempt === 1 ? 1 : 0 };
    case 'step.finished': {
      if (!event.model) return NOTHING;
      const { usage, cost } = event.model;
      const priced = cost.kind === 'priced' || cost.kind === 'estimated';
      return {
        ...NOTHING,
        calls: 1,
        tokens: usage.input + usage.output,
        usd: priced ? cost.usd : 0,
        priced: priced ? 1 : 0,
        estimated: cost.kind === 'estimated' ? 1 : 0,
        unpriced: cost.kind === 'unknown' ? 1 : 0,
      };
    }
    default:
      return NOTHING;
  }
}
