import { packSteps } from '../../protocol/panel-steps.ts';
import type { StepsText } from '../../protocol/panel-steps.ts';
import type { RunView } from '../../protocol/run-view.ts';

/** Steps of one message, some 150 KB: the page takes one in while the next is made, and the editor answers its user in between. */
const PAGE = 10_000;

/** The steps for the messages that bring them. Pages after the first are made when they are called for, as the steps are then. */
export function pagesOf({ steps, startedAt }: RunView): readonly [StepsText, ...(() => StepsText)[]] {
  const count = steps.length;
  const pageFrom = (from: number) => packSteps(steps.slice(from, Math.min(count, from + PAGE)), startedAt);
  const more: (() => StepsText)[] = [];
  for (let from = PAGE; from < count; from += PAGE) more.push(() => pageFrom(from));
  return [pageFrom(0), ...more];
}
