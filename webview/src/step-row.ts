import { formatDuration } from '../../extension/src/protocol/format.ts';
import { h, setAttribute, setText } from './dom.ts';
import { icon } from './icons.ts';
import type { IconName } from './icon-names.ts';
import { kindOf, runStatus, stepStatus } from './kinds.ts';
import { stepThen } from './past.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';
import { stepLabel } from '../../extension/src/protocol/step-label.ts';
import type { StatusLook } from './kinds.ts';
import type { Model } from './model.ts';
import { keyOf } from './outline.ts';
import type { Row } from './outline.ts';
import { lengthOf, stepLength } from './time-scale.ts';
import type { TimeScale } from './time-scale.ts';

export interface RowElement {
  readonly element: HTMLElement;
  update(model: Model, row: Row, scale: TimeScale, index: number): void;
}

/** One line: twistie, icon, what it is, how it went, how long it took, and its bar. */
export function createRow(): RowElement {
  const twistie = h('span', { class: 'twistie', attributes: { 'aria-hidden': 'true' } });
  const kind = h('span', { class: 'kind', attributes: { 'aria-hidden': 'true' } });
  const title = h('span', { class: 'title' });
  const detail = h('span', { class: 'detail-text' });
  const state = h('span', { class: 'state' });
  const duration = h('span', { class: 'duration' });
  const bar = h('span', { class: 'bar' });
  const element = h(
    'div',
    { class: 'row', attributes: { role: 'treeitem' } },
    h('span', { class: 'label' }, twistie, kind, h('span', { class: 'text' }, title, ' ', detail), state),
    ' ',
    duration,
    h('span', { class: 'track', attributes: { 'aria-hidden': 'true' } }, bar),
  );

  // A line stands for one step after another, mostly of the same few kinds.
  const icons = new Map<string, HTMLElement>();
  const held = new Map<HTMLElement, IconName | undefined>();
  const show = (place: HTMLElement, name: IconName | undefined): void => {
    if (held.get(place) === name) return;
    held.set(place, name);
    if (name === undefined) {
      place.replaceChildren();
      return;
    }
    const key = `${place.className} ${name}`;
    const drawing = icons.get(key) ?? icon(name);
    icons.set(key, drawing);
    place.replaceChildren(drawing);
  };

  return {
    element,
    update: (model, row, scale, index) => {
      const step =
        row.step && (model.at === undefined ? row.step : stepThen(row.branch.run, row.step, model.at));
      const status = step ? stepStatus(step) : runStatus(model.run.status, model.facts.live);
      const label = step
        ? labelOf(step, model.subRuns.note(row))
        : { title: model.run.agent || 'Run', detail: 'whole run' };
      const selected = model.selected === keyOf(row);
      const length = step
        ? stepLength(row.branch.run, step, model.now, model.at)
        : lengthOf(model.past ?? model.run, model.at ?? model.now);
      const time = step?.status === 'interrupted' ? '–' : formatDuration(length);

      element.dataset['index'] = String(index);
      element.dataset['kind'] = step ? step.kind : 'run';
      element.dataset['tone'] = status.tone;
      element.classList.toggle('selected', selected);
      element.style.setProperty('--level', String(Math.min(row.level - 1, 12)));
      setAttribute(element, 'aria-selected', String(selected));
      setAttribute(element, 'aria-level', String(row.level));
      setAttribute(element, 'aria-posinset', String(row.position));
      setAttribute(element, 'aria-setsize', String(row.siblings));
      setAttribute(element, 'aria-expanded', row.expandable ? String(row.expanded) : undefined);
      setAttribute(element, 'aria-label', spoken(row, `${label.title} ${label.detail} ${time}`, status));
      setAttribute(element, 'title', step ? `${label.title} ${label.detail}`.trim() : undefined);

      show(twistie, row.expandable ? (row.expanded ? 'chevron-down' : 'chevron-right') : undefined);
      show(kind, step ? kindOf(step).icon : 'hubot');
      setText(title, label.title);
      setText(detail, label.detail);
      show(state, status.tone === 'ok' ? undefined : status.icon);
      setText(duration, time);

      const place = scale.bar(row);
      bar.style.left = `${(place.start * 100).toFixed(3)}%`;
      bar.style.width = `${(place.length * 100).toFixed(3)}%`;
    },
  };
}

/** Begins with what is written in the line, as speech input expects of a label. */
function spoken({ step, branch }: Row, written: string, status: StatusLook): string {
  const place = step
    ? `${kindOf(step).label}, step ${step.id}${branch.host ? ` of ${branch.run.agent}` : ''}`
    : 'run';
  return `${written.replace(/\s+/g, ' ')}, ${place}, ${status.text}`;
}

/** `note`: why the steps of its sub-run are not there. */
function labelOf(step: StepView, note: string): { readonly title: string; readonly detail: string } {
  const { title, detail } = stepLabel(step);
  return note === '' ? { title, detail } : { title, detail: [detail, note].filter(Boolean).join(' · ') };
}
