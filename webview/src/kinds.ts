import type { RunStatus, StepView } from '../../extension/src/protocol/run-view.ts';
import { kindLabel } from '../../extension/src/protocol/step-label.ts';
import type { IconName } from './icon-names.ts';

const icons: Readonly<Record<string, IconName>> = {
  snapshot: 'device-camera',
  index: 'database',
  recall: 'history',
  catalogue: 'checklist',
  chat: 'sparkle',
  approval: 'shield',
  tool: 'tools',
  remember: 'library',
  agent: 'hubot',
  merge: 'git-merge',
  'hand-over': 'arrow-swap',
  condense: 'fold',
  steer: 'comment',
  breaker: 'debug-pause',
  node: 'graph',
};

export function kindOf(step: Pick<StepView, 'kind'>): { readonly icon: IconName; readonly label: string } {
  return { icon: icons[step.kind] ?? 'info', label: kindLabel(step.kind) };
}

export interface StatusLook {
  readonly icon: IconName;
  readonly text: string;
  readonly tone: 'ok' | 'bad' | 'warn' | 'busy' | 'quiet';
}

export function stepStatus(step: Pick<StepView, 'status' | 'isError'>): StatusLook {
  if (step.status === 'running') return { icon: 'loading', text: 'Running', tone: 'busy' };
  if (step.status === 'failed') return { icon: 'error', text: 'Failed', tone: 'bad' };
  if (step.status === 'interrupted') return { icon: 'debug-disconnect', text: 'Interrupted', tone: 'warn' };
  if (step.isError) return { icon: 'warning', text: 'Returned an error', tone: 'warn' };
  return { icon: 'pass', text: 'Finished', tone: 'ok' };
}

export function runStatus(status: RunStatus, live: boolean): StatusLook {
  switch (status) {
    case 'running':
      return live
        ? { icon: 'loading', text: 'Running', tone: 'busy' }
        : { icon: 'debug-disconnect', text: 'Interrupted', tone: 'warn' };
    case 'paused':
      return { icon: 'debug-pause', text: 'Paused', tone: 'warn' };
    case 'succeeded':
      return { icon: 'pass', text: 'Succeeded', tone: 'ok' };
    case 'failed':
      return { icon: 'error', text: 'Failed', tone: 'bad' };
    case 'stopped':
      return { icon: 'circle-slash', text: 'Stopped', tone: 'quiet' };
  }
}
