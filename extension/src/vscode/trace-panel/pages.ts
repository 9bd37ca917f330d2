import { packSteps } from '../../protocol/panel-steps.ts';
import type { StepsText } from '../../protocol/panel-steps.ts';
import type { RunView } from '../../protocol/run-view.ts';

/** Steps of one message, some 700 KB: the editor takes messages apart, and is to answer its user in between. */
const PAGE = 10_000;

/** The steps as they are now, for the messages that bring them. */
export function pagesOf({ steps, startedAt }: RunView): readonly [StepsText, ...StepsText[]] {
  const more: StepsText[] = [];
  for (let from = PAGE; from < steps.length; from += PAGE) {
    more.push(packSteps(steps.slice(from, from + PAGE), startedAt));
  }
  return [packSteps(steps.slice(0, PAGE), startedAt), ...more];
}
