import type { StepKind } from '../../../extension/src/protocol/run-event.ts';

/** A kind for each colour that kinds have in the style sheet; kinds of one colour share it here too. */
export const COLOURS = [
  'chat',
  'tool',
  'recall',
  'approval',
  'snapshot',
] as const satisfies readonly StepKind[];

const colourOfKind: Readonly<Record<StepKind, number>> = {
  ...{ chat: 0, agent: 0, 'hand-over': 0, node: 0 },
  ...{ tool: 1, merge: 1 },
  ...{ recall: 2, remember: 2, index: 2, condense: 2 },
  ...{ approval: 3, steer: 3, breaker: 3 },
  ...{ snapshot: 4, catalogue: 4 },
};

export function colourOf(kind: StepKind): number {
  return colourOfKind[kind];
}
