import { formatDuration } from '../../extension/src/protocol/format.ts';
import type { StepKey } from '../../extension/src/protocol/panel.ts';
import { activeTime } from '../../extension/src/protocol/run-view.ts';
import { linkButton } from './button.ts';
import { h, setAttribute, setText } from './dom.ts';
import type { Model } from './model.ts';
import { momentOf, positionsOf } from './past.ts';
import { keyIn } from './step-key.ts';
import { agentOf } from './sub-runs.ts';

export interface ReplayBar {
  readonly element: HTMLElement;
  update(model: Model): void;
}

/**
 * Goes back and forth through the run and its open sub-runs. At its end it shows the run as it is. `onSay`: where a button was
 * pressed, for a screen reader says by itself only where the slider is.
 * `newest`: the step that had begun last.
 */
export function createReplayBar(
  onPosition: (at: number | undefined, newest?: StepKey) => void,
  onSay: (text: string) => void,
): ReplayBar {
  const slider = h('input', {
    class: 'replay-slider',
    attributes: { type: 'range', min: '0', step: '1', 'aria-label': 'Replay position' },
  });
  const words = h('span', { class: 'replay-words' });
  let positions: Float64Array = new Float64Array();
  let made: readonly unknown[] = [];
  let text = '';
  let model: Model | undefined;

  const go = (index: number) => {
    const at = index < positions.length ? positions[Math.max(0, index)] : undefined;
    const { newest, of } = model && at !== undefined ? momentOf(model.walked, at) : {};
    onPosition(at, model && newest && of && keyIn(model.run.id, of.run.id, newest.id));
  };
  const step = (by: 1 | -1) => () => {
    go(slider.valueAsNumber + by);
    onSay(text);
  };
  const back = linkButton('', step(-1), 'arrow-left');
  const forth = linkButton('', step(1), 'arrow-right');
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
    update: (next) => {
      model = next;
      const { run, at, walked, seq } = model;
      const from = [run, walked, seq];
      // A run that goes on is shown as it is, unless a person is looking at its past.
      if (
        from.some((value, index) => value !== made[index]) &&
        (at !== undefined || run.status !== 'running' || run !== made[0])
      ) {
        made = from;
        positions = positionsOf(walked.map((branch) => branch.run));
      }
      setAttribute(slider, 'max', String(positions.length));
      const index = at === undefined ? positions.length : positions.findLastIndex((time) => time <= at);
      if (slider.valueAsNumber !== index) slider.value = String(index);
      text = wordsFor(model);
      setText(words, text);
      setAttribute(slider, 'aria-valuetext', text);
      end.hidden = at === undefined;
      element.hidden = run.steps.length === 0;
    },
  };
}

function wordsFor({ run, walked, at }: Model): string {
  const steps = walked.reduce((sum, branch) => sum + branch.run.steps.length, 0);
  const subRuns = walked.length - 1;
  if (at === undefined) {
    const more = subRuns === 0 ? '' : `, with ${String(subRuns)} sub-run${subRuns === 1 ? '' : 's'}`;
    return `All ${String(steps)} steps${more}`;
  }
  const { begun, newest, of } = momentOf(walked, at);
  const place = subRuns > 0 && newest && of ? `, step ${newest.id} of ${agentOf(of)}` : '';
  return `${formatDuration(activeTime(run, at))}, ${String(begun)} of ${String(steps)} steps${place}`;
}
