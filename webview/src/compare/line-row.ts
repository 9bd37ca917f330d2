import type { CompareLine, CompareSide, CompareStep } from '../../../extension/src/protocol/compare-panel.ts';
import { h, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { kindOf, stepStatus } from '../kinds.ts';
import { deltasOf } from './deltas.ts';
import { aspectsText, partTitle, VERDICTS } from './words.ts';

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

/**
 * One line: how it compares, what it is on each side, what of it differs, and how much more B took. It is called by what is
 * written in it, so what the columns say to the eye is there for the ear.
 */
export function createLineRow(): LineRow {
  const sign = h('span', { attributes: { 'aria-hidden': 'true' } });
  const verdict = h('span', { class: 'spoken' });
  const mark = h('span', { class: 'mark' }, sign, verdict);
  const cells = { a: createCell('a'), b: createCell('b') };
  const aspects = h('span', { class: 'aspects' });
  const [time, tokens, cost] = [amount('time'), amount('tokens'), amount('cost')];
  const element = h(
    'div',
    { class: 'row', attributes: { role: 'treeitem' } },
    ...[mark, cells.a.element, cells.b.element, aspects, time.element, tokens.element, cost.element],
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
      setText(sign, VERDICTS[line.verdict].sign);
      setText(verdict, `${VERDICTS[line.verdict].text} `);
      cells.a.show(line, line.a);
      cells.b.show(line, line.b);
      setText(aspects, ` ${aspectsText(line)}`);
      time.show(deltas.time);
      tokens.show(deltas.tokens);
      cost.show(deltas.cost);
    },
  };
}

function createCell(side: CompareSide): Cell {
  const name = h('span', { class: 'spoken' });
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
    ...[name, number, kind, text, state],
  );
  let drawn = '';
  return {
    element,
    show: (line, step) => {
      const isThere = step !== undefined || line.part !== 'step';
      element.classList.toggle('absent', !isThere);
      setText(name, isThere ? ` ${side.toUpperCase()} ` : '');
      setText(number, step ? `${step.step} ` : '');
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

interface Amount {
  readonly element: HTMLElement;
  show(text: string): void;
}

function amount(name: string): Amount {
  const label = h('span', { class: 'spoken' });
  const value = h('span', {});
  return {
    element: h('span', { class: 'amount' }, label, value),
    show: (text) => {
      setText(label, text === '' ? '' : ` ${name} `);
      setText(value, text);
    },
  };
}
