import { formatDuration } from '../../extension/src/protocol/format.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { activeTime } from '../../extension/src/protocol/run-view.ts';
import { linkButton } from './button.ts';
import { h, setAttribute, setText } from './dom.ts';
import type { Model } from './model.ts';
import { positionsOf } from './past.ts';

export interface ReplayBar {
  readonly element: HTMLElement;
  update(model: Model): void;
}

/** Goes back and forth through the run. At its end it shows the run as it is. */
export function createReplayBar(onPosition: (at: number | undefined) => void): ReplayBar {
  const slider = h('input', {
    class: 'replay-slider',
    attributes: { type: 'range', min: '0', step: '1', 'aria-label': 'Replay position' },
  });
  const words = h('span', { class: 'replay-words' });
  let positions: Float64Array = new Float64Array();
  let made = '';
  let current: Model | undefined;

  const go = (index: number) => {
    const at = positions[Math.max(0, index)];
    onPosition(index >= positions.length ? undefined : at);
  };
  const back = linkButton('', () => go(slider.valueAsNumber - 1), 'arrow-left');
  const forth = linkButton('', () => go(slider.valueAsNumber + 1), 'arrow-right');
  const end = linkButton('Show its end', () => onPosition(undefined));
  setAttribute(back, 'aria-label', 'One event back');
  setAttribute(forth, 'aria-label', 'One event forth');
  slider.addEventListener('input', () => {
    go(slider.valueAsNumber);
  });
  const element = h(
    'div',
    { class: 'replay', attributes: { role: 'group', 'aria-label': 'Replay' } },
    ...[back, slider, forth, words, end],
  );

  return {
    element,
    update: (model) => {
      current = model;
      const { run, at, past } = model;
      // A run that goes on is shown as it is, unless a person is looking at its past.
      const key = `${run.id} ${String(model.seq)}`;
      if (key !== made && (at !== undefined || run.status !== 'running' || positions.length === 0)) {
        made = key;
        positions = positionsOf(run);
      }
      setAttribute(slider, 'max', String(positions.length));
      const index = at === undefined ? positions.length : positions.findLastIndex((time) => time <= at);
      if (slider.valueAsNumber !== index) slider.value = String(index);
      const text = wordsFor(current.run, past, at);
      setText(words, text);
      setAttribute(slider, 'aria-valuetext', text);
      end.hidden = at === undefined;
      element.hidden = run.steps.length === 0;
    },
  };
}

function wordsFor(run: RunView, past: RunView | undefined, at: number | undefined): string {
  if (past === undefined || at === undefined) return `All ${String(run.steps.length)} steps`;
  return `${formatDuration(activeTime(run, at))}, ${String(past.steps.length)} of ${String(run.steps.length)} steps`;
}
