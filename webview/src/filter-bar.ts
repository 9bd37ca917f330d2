import { STEP_KINDS } from '../../extension/src/protocol/run-event.ts';
import type { RunId } from '../../extension/src/protocol/run-event.ts';
import { kindLabel } from '../../extension/src/protocol/step-label.ts';
import { h, replaceWhen, setText } from './dom.ts';
import type { Model } from './model.ts';
import type { Row } from './outline.ts';
import type { StepFilter } from './step-filter.ts';
import { matcherOf } from './step-filter.ts';

export interface FilterBar {
  readonly element: HTMLElement;
  update(model: Model): void;
}

/** Above the list of steps: by text, by kind, and only what failed. */
export function createFilterBar(onFilter: (filter: StepFilter) => void): FilterBar {
  const text = h('input', {
    class: 'filter-text',
    attributes: { type: 'search', placeholder: 'Filter steps', 'aria-label': 'Filter steps by text' },
  });
  const kind = h('select', { class: 'filter-kind', attributes: { 'aria-label': 'Kind of step' } });
  const failed = h('input', { attributes: { type: 'checkbox' } });
  const found = h('span', { class: 'filter-found', attributes: { role: 'status' } });
  const element = h(
    'div',
    { class: 'filter', attributes: { role: 'search', 'aria-label': 'Steps' } },
    text,
    kind,
    h('label', { class: 'filter-failed' }, failed, 'Errors'),
    found,
  );
  const tell = () => {
    onFilter({ text: text.value, kind: kind.value, errorsOnly: failed.checked });
  };
  text.addEventListener('input', tell);
  kind.addEventListener('change', tell);
  failed.addEventListener('change', tell);
  let counted: readonly Row[] = [];
  let kinds = new Set<string>();
  let looked = { run: '', steps: new Map<RunId, number>() };

  return {
    element,
    update: ({ run, outline, filter, rows }) => {
      if (looked.run !== run.id) {
        kinds = new Set();
        looked = { run: run.id, steps: new Map() };
      }
      for (const [id, { run: one }] of outline.branches) {
        let next = looked.steps.get(id) ?? 0;
        for (; next < one.steps.length; next++) kinds.add(one.steps[next]?.kind ?? '');
        looked.steps.set(id, next);
      }
      if (filter.kind !== '') kinds.add(filter.kind);
      const offered = STEP_KINDS.filter((one) => kinds.has(one));
      replaceWhen(kind, offered.join(), () => [
        h('option', { attributes: { value: '' } }, 'All kinds'),
        ...offered.map((one) => h('option', { attributes: { value: one } }, kindLabel(one))),
      ]);
      if (kind.value !== filter.kind) kind.value = filter.kind;
      if (text.value !== filter.text) text.value = filter.text;
      failed.checked = filter.errorsOnly;
      if (rows === counted) return;
      counted = rows;
      const matches = matcherOf(filter);
      // What they are inside of is shown too, and not counted.
      setText(found, matches ? foundText(rows.filter(({ step }) => step && matches(step)).length) : '');
    },
  };
}

function foundText(count: number): string {
  if (count === 0) return 'No step matches';
  return count === 1 ? '1 step' : `${count.toLocaleString()} steps`;
}
