import type { StepKind } from '../../protocol/run-event.ts';
import type { StepLimits } from './steps.ts';

const MINUTE_MS = 60_000;

/**
 * What one try of a step may take. Far above what honest work needs, since waiting is cheap and work that is called off is
 * lost: a limit is there for what hangs. Waiting for a person and for a sub-run has none; their own steps have.
 */
const LIMITS: Readonly<Partial<Record<StepKind, StepLimits>>> = {
  snapshot: { runMs: 15 * MINUTE_MS, retries: 1 },
  index: { runMs: 60 * MINUTE_MS, idleMs: 15 * MINUTE_MS },
  recall: { runMs: MINUTE_MS },
  // Images may have to be built first.
  catalogue: { runMs: 30 * MINUTE_MS },
  // The providers end a silent stream much earlier, and the router tries again.
  chat: { runMs: 60 * MINUTE_MS },
  tool: { runMs: 20 * MINUTE_MS },
  merge: { runMs: 15 * MINUTE_MS },
  remember: { runMs: 2 * MINUTE_MS },
};

export function stepLimits(kind: StepKind): StepLimits {
  return LIMITS[kind] ?? {};
}
