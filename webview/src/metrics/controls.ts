import type { MetricsChoice } from '../../../extension/src/protocol/metrics-panel.ts';
import { SPANS, SUBJECTS } from '../../../extension/src/protocol/metrics.ts';
import { h } from '../dom.ts';
import { periodOf, PERIODS, SPAN_WORDS, SUBJECT_WORDS } from './words.ts';

export interface Controls {
  readonly element: HTMLElement;
  show(choice: MetricsChoice): void;
}

export function createControls(onChange: (choice: MetricsChoice) => void): Controls {
  let shown: MetricsChoice | undefined;
  const period = select('Time', (value) => {
    const found = PERIODS.find(({ days }) => String(days) === value);
    if (!shown || !found) return;
    const { days: _, ...rest } = shown;
    const over = found.spans.includes(shown.over) ? shown.over : found.spans[0];
    onChange({ ...rest, over, ...(found.days === undefined ? {} : { days: found.days }) });
  });
  const over = select('Columns', (value) => {
    const found = SPANS.find((span) => span === value);
    if (shown && found) onChange({ ...shown, over: found });
  });
  const by = select('Lines by', (value) => {
    const found = SUBJECTS.find((subject) => subject === value);
    if (!shown || !found) return;
    const { group: _, ...rest } = shown;
    onChange({ ...rest, by: found });
  });
  period.offer(PERIODS.map(({ days, label }) => ({ value: String(days), label })));
  by.offer(SUBJECTS.map((subject) => ({ value: subject, label: SUBJECT_WORDS[subject] })));
  return {
    element: h('div', { class: 'controls' }, period.element, over.element, by.element),
    show: (choice) => {
      shown = choice;
      const spans = periodOf(choice)?.spans ?? SPANS;
      over.offer(
        SPANS.filter((span) => spans.includes(span)).map((span) => ({
          value: span,
          label: SPAN_WORDS[span],
        })),
      );
      period.choose(String(choice.days));
      over.choose(choice.over);
      by.choose(choice.by);
    },
  };
}

interface Select {
  readonly element: HTMLElement;
  offer(options: readonly { readonly value: string; readonly label: string }[]): void;
  choose(value: string): void;
}

function select(label: string, onChange: (value: string) => void): Select {
  const element = h('select', { class: 'select', attributes: { 'aria-label': label } });
  element.addEventListener('change', () => {
    onChange(element.value);
  });
  return {
    element: h('label', { class: 'control' }, h('span', {}, label), element),
    offer: (options) => {
      element.replaceChildren(
        ...options.map(({ value, label: text }) => h('option', { attributes: { value } }, text)),
      );
    },
    choose: (value) => {
      element.value = value;
    },
  };
}
