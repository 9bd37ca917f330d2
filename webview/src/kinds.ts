import { formatModel } from '../../extension/src/protocol/format.ts';
import type { RunStatus, StepView } from '../../extension/src/protocol/run-view.ts';
import type { IconName } from './icons.ts';

const kinds: Readonly<Record<string, { readonly icon: IconName; readonly label: string }>> = {
  snapshot: { icon: 'device-camera', label: 'Snapshot' },
  index: { icon: 'database', label: 'Index' },
  recall: { icon: 'history', label: 'Recall' },
  catalogue: { icon: 'checklist', label: 'Tool catalogue' },
  chat: { icon: 'sparkle', label: 'Model call' },
  approval: { icon: 'shield', label: 'Approval' },
  tool: { icon: 'tools', label: 'Tool call' },
  remember: { icon: 'library', label: 'Remember' },
};

/** A run that was recorded by a later version may hold kinds that this one does not know. */
export function kindOf(step: StepView): { readonly icon: IconName; readonly label: string } {
  return kinds[step.kind] ?? { icon: 'info', label: step.kind };
}

export interface StepLabel {
  readonly title: string;
  readonly detail: string;
}

/** What a row says: a tool by its name, a model call by its model, the rest by their kind. */
export function labelOf(step: StepView): StepLabel {
  const kind = kindOf(step);
  if (step.kind === 'tool') return { title: step.name, detail: '' };
  if (step.kind === 'chat') {
    return { title: kind.label, detail: step.model ? formatModel(step.model) : step.name };
  }
  return { title: kind.label, detail: step.name === step.kind ? '' : step.name };
}

export interface StatusLook {
  readonly icon: IconName;
  readonly text: string;
  readonly tone: 'ok' | 'bad' | 'warn' | 'busy' | 'quiet';
}

export function stepStatus(step: StepView): StatusLook {
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
