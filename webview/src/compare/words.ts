import type {
  StepAspect,
  CompareLine,
  CompareStep,
  StepVerdict,
  FileVerdict,
} from '../../../extension/src/protocol/compare-panel.ts';
import type { Counts } from './lines.ts';

export const VERDICTS: Readonly<Record<StepVerdict, { readonly sign: string; readonly text: string }>> = {
  same: { sign: '=', text: 'Same' },
  changed: { sign: '≠', text: 'Differs' },
  'only-a': { sign: '−', text: 'Only in A' },
  'only-b': { sign: '+', text: 'Only in B' },
};

export const FILE_VERDICTS: Readonly<Record<FileVerdict, string>> = {
  same: 'the same in both',
  differs: 'differs',
  'only-a': 'changed only by A',
  'only-b': 'changed only by B',
  unknown: 'changed by both',
};

const ASPECTS: Readonly<Record<StepAspect, string>> = {
  name: 'name',
  model: 'model',
  input: 'input',
  output: 'output',
  status: 'status',
  files: 'files',
};

/** `output, model`; of a line that is the same but for what is inside of it, that. */
export function aspectsText({ verdict, aspects }: CompareLine): string {
  if (aspects.length > 0) return aspects.map((aspect) => ASPECTS[aspect]).join(', ');
  return verdict === 'changed' ? 'steps inside' : '';
}

export function partTitle({ part }: CompareLine): string {
  return part === 'task' ? 'Task' : 'Answer';
}

export function stepText({ step, title, detail }: CompareStep): string {
  return `${step} ${title} ${detail}`.trim();
}

export function countsText({ same, changed, ...only }: Counts): string {
  if (changed + only['only-a'] + only['only-b'] === 0)
    return same === 1 ? 'The only step is the same.' : `All ${String(same)} steps are the same.`;
  return [
    `${String(same)} same`,
    `${String(changed)} changed`,
    `${String(only['only-a'])} only in A`,
    `${String(only['only-b'])} only in B`,
  ].join(' · ');
}
