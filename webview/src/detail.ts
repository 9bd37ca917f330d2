import type { Json } from '../../extension/src/base/json.ts';
import type { PanelTab, PayloadResult, PayloadTarget } from '../../extension/src/protocol/panel.ts';
import type { ErrorInfo, RunId, StepId } from '../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';
import { folded, textBlock } from './blocks.ts';
import { linkButton } from './button.ts';
import { h, replaceWhen, setAttribute } from './dom.ts';
import { icon } from './icons.ts';
import { kindOf, runStatus, stepStatus } from './kinds.ts';
import { stepLabel } from '../../extension/src/protocol/step-label.ts';
import { selectedStep } from './model.ts';
import type { Model } from './model.ts';
import { runOverview, stepOverview } from './overview.ts';
import type { Payloads } from './payloads.ts';
import { present } from './present.ts';
import { sectionBlock } from './sections.ts';
import { isTakenOver } from './taken-over.ts';

export interface Detail {
  readonly element: HTMLElement;
  update(model: Model): void;
  focus(): void;
}

interface DetailEvents {
  readonly onTab: (tab: PanelTab) => void;
  readonly onSelect: (step: StepId) => void;
  readonly onCopy: (text: string) => void;
  readonly onOpenPayload: (target: PayloadTarget) => void;
  readonly onOpenDiff: (path: string, step?: StepId) => void;
  readonly onOpenRun: (run: RunId, step?: StepId) => void;
  readonly onFork: (step: StepId) => void;
}

const tabs: readonly { readonly tab: PanelTab; readonly label: string }[] = [
  { tab: 'input', label: 'Input' },
  { tab: 'output', label: 'Output' },
  { tab: 'overview', label: 'Overview' },
];

export function createDetail(payloads: Payloads, events: DetailEvents): Detail {
  const heading = h('h2', { class: 'selected-step' });
  const error = h('div');
  const links = h('div', { class: 'step-links' });
  const bodies = tabs.map(({ tab }) => ({ tab, body: h('div', { class: 'body' }) }));
  const panels = h(
    'vscode-panels',
    { attributes: { activeid: 'tab-output' } },
    ...tabs.map(({ tab, label }) => h('vscode-panel-tab', { attributes: { id: `tab-${tab}` } }, label)),
    ...bodies.map(({ tab, body }) => h('vscode-panel-view', { attributes: { id: `view-${tab}` } }, body)),
  );
  panels.addEventListener('change', (event) => {
    // The attribute follows later, so the tab that the event brings is asked.
    const chosen = tabs.find(
      ({ tab }) =>
        event instanceof CustomEvent && event.detail instanceof Element && event.detail.id === `tab-${tab}`,
    );
    if (chosen) events.onTab(chosen.tab);
  });
  const element = h(
    'section',
    { class: 'detail', attributes: { 'aria-label': 'Details', tabindex: '0' } },
    h('div', { class: 'detail-head' }, heading, links, error),
    panels,
  );
  let subject = '';

  const showPayload = (body: HTMLElement, model: Model, part: 'input' | 'output') => {
    const step = selectedStep(model);
    if (part === 'output' && step && step.output === undefined) {
      showUnfinished(body, step);
      return;
    }
    const absent = step ? undefined : absentRunPart(model, part);
    if (absent !== undefined) {
      replaceWhen(body, absent, () => [hint(absent)]);
      return;
    }
    const target: PayloadTarget = step ? { step: step.id, part } : { part };
    const version = step ? `${String(step.attempt)} ${step.status}` : model.run.status;
    const result = payloads.get(model.run.id, target, version);
    const key = [model.run.id, step?.id ?? '', part, version, result ? 'here' : 'coming'].join(' ');
    replaceWhen(body, key, () => {
      if (!result) return [h('vscode-progress-ring', { attributes: { 'aria-label': 'Loading' } })];
      const task =
        !step && part === 'input'
          ? [{ kind: 'text', title: 'Task', text: model.run.task, prose: true } as const]
          : [];
      return [...task.map(sectionBlock), ...payloadBlocks(result, target, events)];
    });
  };

  return {
    element,
    update: (model) => {
      const step = selectedStep(model);
      const now = `${model.run.id} ${step?.id ?? ''}`;
      if (now !== subject) element.scrollTop = 0;
      subject = now;
      showHeading(heading, model, step);
      showLinks(links, model, step, events);
      showError(error, step?.error);
      setAttribute(panels, 'activeid', `tab-${model.tab}`);
      for (const { tab, body } of bodies) {
        if (tab !== model.tab) continue;
        if (tab !== 'overview') {
          showPayload(body, model, tab);
          continue;
        }
        replaceWhen(body, overviewKey(model, step), () =>
          step
            ? stepOverview(model, step, events.onOpenDiff, events.onSelect)
            : runOverview(model, events.onOpenDiff, events.onSelect),
        );
      }
    },
    focus: () => {
      element.focus();
    },
  };
}

function showHeading(heading: HTMLElement, model: Model, step: StepView | undefined): void {
  const look = step ? stepStatus(step) : runStatus(model.run.status, model.facts.live);
  const label = step ? stepLabel(step) : { title: model.run.agent || 'Run', detail: 'whole run' };
  const place = model.within === undefined ? '' : ` of ${model.within}`;
  replaceWhen(heading, JSON.stringify([model.run.id, step?.id, look, label, place]), () => {
    const state = h(
      'span',
      { class: 'status', attributes: { 'data-tone': look.tone } },
      icon(look.icon),
      look.text,
    );
    const kind = icon(step ? kindOf(step).icon : 'hubot', 'kind-icon');
    if (step) kind.dataset['kind'] = step.kind;
    return [
      kind,
      h('span', { class: 'title' }, label.title),
      h(
        'span',
        { class: 'detail-text' },
        [label.detail, step ? `step ${step.id}${place}` : ''].filter(Boolean).join(' · '),
      ),
      state,
    ];
  });
}

/** Another program's run, and one of a file, can be looked at, and that is all. */
function canFork({ run, facts }: Model): boolean {
  return run.origin.kind !== 'import' && facts.fromFile !== true;
}

/** What can be done from this step: its sub-run, a fork. */
function showLinks(place: HTMLElement, model: Model, step: StepView | undefined, events: DetailEvents): void {
  const taken = step !== undefined && isTakenOver(model.run, step);
  const forkable = canFork(model) && (step?.status === 'finished' || step?.status === 'failed');
  const within = step && model.within !== undefined ? model.run.id : undefined;
  const key = step ? JSON.stringify([step.id, step.child, forkable, step.edited, within]) : '';
  replaceWhen(place, key, () => {
    if (!step) return [];
    const { id, child } = step;
    return [
      child === undefined
        ? undefined
        : linkButton(
            'Open its trace',
            () => {
              events.onOpenRun(child);
            },
            'hubot',
          ),
      within === undefined
        ? undefined
        : linkButton(
            'Show in its own trace',
            () => {
              events.onOpenRun(within, id);
            },
            'go-to-file',
          ),
      forkable
        ? linkButton(
            'Fork here…',
            () => {
              events.onFork(id);
            },
            'repo-forked',
          )
        : undefined,
      step.edited
        ? h('span', { class: 'hint' }, 'A person gave this result when the run was forked.')
        : taken
          ? h('span', { class: 'hint' }, 'Taken over from the original as it was recorded.')
          : undefined,
    ];
  });
  place.hidden = place.childElementCount === 0;
}

function showError(place: HTMLElement, error: ErrorInfo | undefined): void {
  replaceWhen(place, error ? JSON.stringify(error) : '', () =>
    error
      ? [
          h(
            'div',
            { class: 'banner', attributes: { 'data-tone': 'bad' } },
            icon('error'),
            h(
              'div',
              { class: 'texts' },
              h('p', {}, h('strong', {}, error.message)),
              error.action ? h('p', {}, error.action) : undefined,
            ),
            h('code', { class: 'code' }, error.code),
          ),
        ]
      : [],
  );
}

/** Text as it streams in. Only what is new is added, so that a reader's selection stays. */
function showUnfinished(body: HTMLElement, step: StepView): void {
  const text = step.streamed;
  if (text === '') {
    const waiting = step.status === 'running' ? 'No output yet.' : 'It ended without output.';
    replaceWhen(body, `waiting ${step.id} ${waiting}`, () => [hint(waiting)]);
    return;
  }
  replaceWhen(body, `streaming ${step.id} ${String(step.attempt)}`, () => [h('pre', { class: 'block' }, '')]);
  const node =
    body.querySelector('pre')?.firstChild ??
    body.querySelector('pre')?.appendChild(document.createTextNode(''));
  if (!(node instanceof Text)) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

function payloadBlocks(
  result: PayloadResult,
  target: PayloadTarget,
  events: DetailEvents,
): readonly HTMLElement[] {
  if ('error' in result) {
    const place = h('div');
    showError(place, result.error);
    return [place];
  }
  const sections = present(result.value);
  const open = () => {
    events.onOpenPayload(target);
  };
  const raw = JSON.stringify(result.value, null, 2);
  return [
    ...(result.cut
      ? [
          h(
            'p',
            { class: 'hint' },
            'Parts of this are left out because it is large. ',
            linkButton('Open it whole', open),
          ),
        ]
      : []),
    ...(sections.length > 0 ? sections.map(sectionBlock) : [hint('Nothing was recorded here.')]),
    rawBlock(raw, result.value, open, events.onCopy),
  ];
}

function rawBlock(raw: string, value: Json, open: () => void, copy: (text: string) => void): HTMLElement {
  const place = h('div');
  const details = folded(
    'Raw JSON',
    h(
      'div',
      { class: 'tools' },
      linkButton(
        'Copy JSON',
        () => {
          copy(raw);
        },
        'copy',
      ),
      ...(typeof value === 'string'
        ? [
            linkButton(
              'Copy text',
              () => {
                copy(value);
              },
              'copy',
            ),
          ]
        : []),
      linkButton('Open in editor', open, 'go-to-file'),
    ),
    place,
  );
  // Built when it is looked at: it is as long as everything above it.
  details.addEventListener('toggle', () => {
    replaceWhen(place, 'raw', () => [textBlock(raw)]);
  });
  return details;
}

function absentRunPart({ run }: Model, part: 'input' | 'output'): string | undefined {
  if (part === 'input') return run.input ? undefined : 'Nothing was recorded here.';
  if (run.answer) return undefined;
  return run.endedAt === undefined ? 'No answer yet.' : 'The run ended without an answer.';
}

function overviewKey(model: Model, step: StepView | undefined): string {
  if (step)
    return JSON.stringify([
      model.run.id,
      step.id,
      step.status,
      step.attempt,
      step.notes.length,
      step.durationMs,
      model.hasFacts(step.id),
    ]);
  const run = model.past ?? model.run;
  const seconds = run.endedAt === undefined ? Math.floor(lengthInSeconds(model)) : 0;
  return JSON.stringify([
    run.id,
    run.status,
    run.steps.length,
    run.totals.calls,
    seconds,
    run.lastSeq,
    model.at,
  ]);
}

function lengthInSeconds({ run, now }: Model): number {
  return run.status === 'running' ? now / 1000 : run.updatedAt / 1000;
}

function hint(text: string): HTMLElement {
  return h('p', { class: 'hint' }, text);
}
