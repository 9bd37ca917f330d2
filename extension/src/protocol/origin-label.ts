import { formatRoute } from './format.ts';
import type { RunOrigin } from './run-event.ts';
import type { RunView } from './run-view.ts';

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

/** The same of a run, with what a person changed where it is a fork; another model goes by its name. */
export function originOf(run: RunView): string {
  return withChange(run, formatRoute);
}

/** The same, with the address of the model. */
export function wholeOriginOf(run: RunView): string {
  return withChange(run, (route) => route);
}

function withChange(run: RunView, routeText: (route: string) => string): string {
  const change = forkChange(run, routeText);
  return change === undefined ? originLabel(run.origin) : `${originLabel(run.origin)}, with ${change}`;
}

/** Where it came from in a word or two, for a list. */
export function shortOrigin(run: RunView): string {
  const { origin } = run;
  if (origin.kind !== 'fork') return origin.kind;
  const change = forkChange(run, formatRoute);
  return `fork at step ${origin.step}${change === undefined ? '' : ` with ${change}`}`;
}

/** What the fork began with that its source had not; undefined for nothing, and while it is not known. */
function forkChange(
  { origin, steps, steering }: RunView,
  routeText: (route: string) => string,
): string | undefined {
  if (origin.kind !== 'fork') return undefined;
  const last = steps.findIndex(({ id }) => id === origin.step);
  if (steps[last]?.edited) return 'another result';
  const next = steps[last + 1];
  // What was said later, the agent has heard after a step of its own.
  if (last < 0 || (next && next.kind !== 'steer')) return undefined;
  const heard = steps.slice(0, last + 1).filter(({ kind }) => kind === 'steer').length;
  const said = steering[heard];
  if (said?.prompt !== undefined) return 'another prompt';
  if (said?.route !== undefined) return routeText(said.route);
  return said?.text === undefined ? undefined : 'a message';
}
