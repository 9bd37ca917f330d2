import { STEP_KINDS } from '../../../protocol/run-event.ts';
import { matchesPattern } from '../../tools/name-pattern.ts';
import { breakpointUnknown } from './errors.ts';
import type { StepStop, Stop } from './recording.ts';

/** What a breakpoint by name stops at. Throws `breakpoint-unknown`. */
export function parseFunctionBreakpoint(name: string): (stop: Stop) => boolean {
  const [, scope = 'tool', pattern = ''] = /^(?:([a-z-]+):)?\s*(\S+)$/.exec(name.trim()) ?? [];
  const matches = (text: string | undefined): boolean => text !== undefined && matchesPattern(pattern, text);
  const kinds: readonly string[] = STEP_KINDS;
  if (pattern === '') throw breakpointUnknown(name);
  switch (scope) {
    case 'tool':
      return ofStep(({ step }) => step.kind === 'tool' && matches(step.name));
    case 'model':
      return ofStep(({ step }) => step.kind === 'chat' && (matches(step.model?.model) || matches(step.name)));
    case 'agent':
      return ofStep(({ recording, index, agent }) => {
        // Where it takes the lead: at the start of its run, or after a hand-over.
        return recording.stops[index - 1]?.agent !== agent && matches(agent);
      });
    case 'step':
      return ofStep(({ step }) => matches(step.id));
    case 'kind':
      if (!kinds.some((kind) => matchesPattern(pattern, kind))) throw breakpointUnknown(name);
      return ofStep(({ step }) => matches(step.kind));
    default:
      throw breakpointUnknown(name);
  }
}

export interface ErrorFilter {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly byDefault: boolean;
  readonly fits: (stop: StepStop) => boolean;
}

/** What counts as an exception, each to be switched on by itself. */
export const ERROR_FILTERS: readonly ErrorFilter[] = [
  {
    id: 'failed',
    label: 'Failed Steps',
    description: 'A step that ended with an error.',
    byDefault: true,
    fits: ({ step }) => step.status === 'failed',
  },
  {
    id: 'tool-errors',
    label: 'Tool and Sub-Agent Errors',
    description:
      'A tool or a sub-agent that answered with an error, or was refused; the agent read it and went on.',
    byDefault: false,
    fits: ({ step }) => step.isError,
  },
  {
    id: 'interrupted',
    label: 'Interrupted and Retried Steps',
    description: 'A step that was cut off, and one that was done again.',
    byDefault: false,
    fits: ({ step }) => (step.status === 'interrupted' && step.kind !== 'breaker') || step.attempt > 1,
  },
  {
    id: 'breakers',
    label: 'Breakers',
    description: 'The run stood still because it seemed to get nowhere or to cost too much.',
    byDefault: false,
    fits: ({ step }) => step.kind === 'breaker',
  },
];

function ofStep(fits: (stop: StepStop) => boolean): (stop: Stop) => boolean {
  return (stop) => stop.type === 'step' && fits(stop);
}
