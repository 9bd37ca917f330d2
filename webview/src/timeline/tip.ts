import { formatDuration } from '../../../extension/src/protocol/format.ts';
import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import { stepLabel } from '../../../extension/src/protocol/step-label.ts';
import { h, setText } from '../dom.ts';
import { kindOf, stepStatus } from '../kinds.ts';

export interface Tip {
  readonly element: HTMLElement;
  show(text: string, x: number, y: number): void;
  hide(): void;
}

/** For the eyes: what it says is in the list of steps too. */
export function createTip(): Tip {
  const element = h('div', { class: 'tip', attributes: { 'aria-hidden': 'true' } });
  element.hidden = true;
  return {
    element,
    show: (text, x, y) => {
      setText(element, text);
      element.hidden = false;
      const room = (element.parentElement?.clientWidth ?? 0) - element.offsetWidth - 4;
      element.style.transform = `translate(${String(Math.max(4, Math.min(x + 12, room)))}px, ${String(y + 16)}px)`;
    },
    hide: () => {
      element.hidden = true;
    },
  };
}

/** What it is, how it went, how long it took. `agent`: of the sub-run that it is a step of. */
export function stepSentence(step: StepView, length: number, agent?: string): string {
  const { title, detail } = stepLabel(step);
  const kind = kindOf(step).label;
  return [
    `${title} ${detail}`.trim(),
    ...(title === kind ? [] : [kind]),
    `step ${step.id}${agent === undefined ? '' : ` of ${agent}`}`,
    stepStatus(step).text,
    formatDuration(length),
  ].join(', ');
}
