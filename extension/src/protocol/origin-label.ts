import type { RunOrigin } from './run-event.ts';

/** Where a run came from, in one sentence; empty for one that a person started. */
export function originLabel(origin: RunOrigin): string {
  switch (origin.kind) {
    case 'user':
      return '';
    case 'sub-run':
      return `Sub-run of ${origin.run}, for its step ${origin.step}`;
    case 'fork':
      return `Forked from ${origin.run} at step ${origin.step}`;
    case 'rerun':
      return `Rerun of ${origin.run}`;
    case 'replay':
      return `Replay of ${origin.run} with live ${origin.live}`;
    case 'import':
      return `Imported from ${origin.source}`;
  }
}
