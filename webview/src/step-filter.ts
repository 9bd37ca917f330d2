import type { StepView } from '../../extension/src/protocol/run-view.ts';
import { kindLabel, stepLabel } from '../../extension/src/protocol/step-label.ts';

/** Which steps the list shows. */
export interface StepFilter {
  readonly text: string;
  /** Empty for all. */
  readonly kind: string;
  readonly errorsOnly: boolean;
}

export const NO_FILTER: StepFilter = { text: '', kind: '', errorsOnly: false };

/** Undefined when the filter lets every step through. All words of the text must be found, in any order. */
export function matcherOf({ text, kind, errorsOnly }: StepFilter): ((step: StepView) => boolean) | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && kind === '' && !errorsOnly) return undefined;
  return (step) => {
    if (kind !== '' && step.kind !== kind) return false;
    if (errorsOnly && !isFailure(step)) return false;
    if (words.length === 0) return true;
    const searched = searchedText(step);
    return words.every((word) => searched.includes(word));
  };
}

export function isFailure({ status, isError }: StepView): boolean {
  return status === 'failed' || isError;
}

function searchedText(step: StepView): string {
  const { title, detail } = stepLabel(step);
  const { error, files } = step;
  return [step.id, title, detail, kindLabel(step.kind), error?.code, error?.message, ...(files?.paths ?? [])]
    .join(' ')
    .toLowerCase();
}
