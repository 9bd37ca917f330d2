import type { CompareLine, CompareSide, CompareStep } from '../../../extension/src/protocol/compare-panel.ts';
import { h, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { kindOf, stepStatus } from '../kinds.ts';
import { deltasOf } from './deltas.ts';
import { aspectsText, partTitle, spokenLine, VERDICTS } from './words.ts';

export interface LineRow {
  readonly element: HTMLElement;
  update(line: CompareLine, place: RowPlace): void;
}

export interface RowPlace {
  /** Among those that are listed, and how many they are. */
  readonly index: number;
  readonly count: number;
  readonly selected: boolean;
}

interface Cell {
  readonly element: HTMLElement;
  show(line: CompareLine, step: CompareStep | undefined): void;
}

/** One line: how it compares, what it is on each side, what of it differs, and how much more B took. */
export function createLineRow(): LineRow {
  const mark = h('span', { class: 'mark', attributes: { 'aria-hidden': 'true' } });
  const cells = { a: createCell('a'), b: createCell('b') };
  const aspects = h('span', { class: 'aspects' });
  const [time, tokens, cost] = [amount(), amount(), amount()];
  const element = h(
    'div',
    { class: 'row', attributes: { role: 'treeitem' } },
    ...[mark, cells.a.element, cells.b.element, aspects, time, tokens, cost],
  );
  return {
    element,
    update: (line, { index, count, selected }) => {
      const deltas = deltasOf(line);
      element.dataset['index'] = String(index);
      element.dataset['verdict'] = line.verdict;
      element.classList.toggle('selected', selected);
      element.style.setProperty('--level', String(Math.min(line.level, 12)));
      setAttribute(element, 'aria-selected', String(selected));
      setAttribute(element, 'aria-level', String(line.level));
      setAttribute(element, 'aria-posinset', String(index + 1));
      setAttribute(element, 'aria-setsize', String(count));
      setAttribute(element, 'aria-label', spokenLine(line));
      setText(mark, VERDICTS[line.verdict].sign);
      cells.a.show(line, line.a);
      cells.b.show(line, line.b);
      setText(aspects, aspectsText(line));
      setText(time, deltas.time);
      setText(tokens, deltas.tokens);
      setText(cost, deltas.cost);
    },
  };
}

function createCell(side: CompareSide): Cell {
  const number = h('span', {
    class: 'step-number',
    title: 'Open in the trace',
    attributes: { 'data-open': side },
  });
  const kind = h('span', { class: 'kind' });
  const state = h('span', { class: 'state' });
  const title = h('span', { class: 'title' });
  const detail = h('span', { class: 'detail-text' });
  const text = h('span', { class: 'text' }, title, ' ', detail);
  const element = h(
    'span',
    { class: 'cell', attributes: { 'data-side': side } },
    ...[number, kind, text, state],
  );
  let drawn = '';
  return {
    element,
    show: (line, step) => {
      const isThere = step !== undefined || line.part !== 'step';
      element.classList.toggle('absent', !isThere);
      setText(number, step?.step ?? '');
      setText(title, step?.title ?? (isThere ? partTitle(line) : ''));
      setText(detail, step ? `${step.detail} ${step.summary}`.trim() : '');
      const look = step && stepStatus(step);
      const shown = step ? `${step.kind} ${look?.tone ?? ''} ${look?.icon ?? ''}` : '';
      if (shown === drawn) return;
      drawn = shown;
      if (step) element.dataset['kind'] = step.kind;
      else delete element.dataset['kind'];
      kind.replaceChildren(...(step ? [icon(kindOf(step).icon)] : []));
      state.replaceChildren(...(look && look.tone !== 'ok' ? [icon(look.icon)] : []));
      setAttribute(state, 'data-tone', look?.tone);
    },
  };
}

function amount(): HTMLElement {
  return h('span', { class: 'amount' });
}
