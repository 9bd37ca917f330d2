import type { PanelAction, PanelTask } from '../../extension/src/protocol/panel.ts';
import { formatDuration, formatRunCost, formatTokens, modelOf } from '../../extension/src/protocol/format.ts';
import { originOf, wholeOriginOf } from '../../extension/src/protocol/origin-label.ts';
import type { RunId, StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { button, linkButton } from './button.ts';
import { h, replaceWhen, setAttribute, setText } from './dom.ts';
import { icon } from './icons.ts';
import type { IconName } from './icon-names.ts';
import { runStatus } from './kinds.ts';
import type { Model } from './model.ts';
import { lengthOf } from './time-scale.ts';

interface ActionLook {
  readonly action: PanelAction;
  readonly icon: IconName;
  readonly label: string;
  readonly title: string;
  readonly primary?: boolean;
  readonly offered: (model: Model, changed: number) => boolean;
}

const ended = ({ run }: Model) => run.endedAt !== undefined;
/** Another program's run can be looked at, and that is all. */
const ours = ({ run }: Model) => run.origin.kind !== 'import';
const undecided = (model: Model, changed: number) =>
  changed > 0 && ended(model) && model.run.isolation === 'copy' && model.run.changes === undefined;

const actions: readonly ActionLook[] = [
  {
    action: 'stop',
    icon: 'debug-stop',
    label: 'Stop',
    title: 'Stop this run',
    offered: ({ run, facts }) => run.status === 'running' && facts.live,
  },
  {
    action: 'pause',
    icon: 'debug-pause',
    label: 'Pause',
    title: 'Finish the step under way, and begin no other',
    offered: ({ run, facts }) => run.status === 'running' && facts.own,
  },
  {
    action: 'resume',
    icon: 'debug-continue',
    label: 'Resume',
    title: 'Continue after the last finished step',
    primary: true,
    // A part of another run goes on with that.
    offered: ({ run, facts }) =>
      run.origin.kind !== 'sub-run' &&
      run.origin.kind !== 'import' &&
      (run.status === 'paused' || (run.status === 'running' && !facts.live)),
  },
  {
    action: 'apply',
    icon: 'check',
    label: 'Apply changes',
    title: 'Write the changes of this run to your workspace',
    primary: true,
    offered: undecided,
  },
  {
    action: 'discard',
    icon: 'discard',
    label: 'Discard',
    title: 'Drop the changes of this run',
    offered: undecided,
  },
  {
    action: 'undo',
    icon: 'redo',
    label: 'Undo apply',
    title: 'Put back the files that the apply replaced',
    offered: ({ run }) => run.changes === 'applied' && run.undo !== undefined,
  },
  {
    action: 'replay',
    icon: 'debug-restart',
    label: 'Replay',
    title: 'Run the same program again with the recorded answers',
    offered: (model) => ended(model) && ours(model),
  },
  {
    action: 'rerun',
    icon: 'refresh',
    label: 'Rerun',
    title: 'A new run with the same input and the same files',
    offered: (model) => ended(model) && ours(model) && model.run.origin.kind !== 'sub-run',
  },
  {
    action: 'export',
    icon: 'export',
    label: 'Export',
    title: 'Save this run as a file, or as OpenTelemetry JSON',
    offered: ({ run }) => run.lastSeq > 0,
  },
];

export interface Header {
  readonly element: HTMLElement;
  update(model: Model): void;
  /** Actions that were asked for and are not done yet. */
  setBusy(busy: ReadonlySet<PanelTask>): void;
}

interface HeaderEvents {
  readonly onAction: (action: PanelAction) => void;
  readonly onOpenRun: (run: RunId, step: StepId | undefined) => void;
}

export function createHeader({ onAction, onOpenRun }: HeaderEvents): Header {
  const status = h('span', { class: 'status' });
  const task = h('h1', { class: 'task' });
  const facts = h('dl', { class: 'facts' });
  const origin = h('div', { class: 'origin' });
  const buttons = actions.map((look) => {
    const element = button({
      ...look,
      onClick: () => {
        onAction(look.action);
      },
    });
    element.dataset['action'] = look.action;
    element.hidden = true;
    return { look, element };
  });
  const bar = h(
    'div',
    { class: 'actions', attributes: { role: 'toolbar', 'aria-label': 'Run actions' } },
    ...buttons.map(({ element }) => element),
  );
  const element = h(
    'header',
    { class: 'header' },
    h('div', { class: 'headline' }, h('div', { class: 'what' }, status, task), bar),
    origin,
    facts,
  );

  return {
    element,
    update: (model) => {
      const { run } = model;
      const look = runStatus(run.status, model.facts.live);
      replaceWhen(status, look.text, () => [icon(look.icon), look.text]);
      status.dataset['tone'] = look.tone;
      setText(task, run.task || 'Untitled run');
      setAttribute(task, 'title', run.task);
      showOrigin(origin, run, onOpenRun);
      const changed = model.changed.size;
      for (const { look: action, element: control } of buttons) {
        const hidden = model.facts.fromFile === true || !action.offered(model, changed);
        if (control.hidden !== hidden) control.hidden = hidden;
      }
      showFacts(facts, factsOf(model, changed));
    },
    setBusy: (busy) => {
      for (const { look, element: control } of buttons) {
        setAttribute(control, 'disabled', busy.has(look.action) ? '' : undefined);
      }
    },
  };
}

/** Where it came from, with the way back there. */
function showOrigin(place: HTMLElement, run: RunView, open: HeaderEvents['onOpenRun']): void {
  const { origin } = run;
  const words = originOf(run);
  replaceWhen(place, JSON.stringify([origin, words]), () => {
    if (origin.kind === 'user') return [];
    if (origin.kind === 'import') return [h('span', {}, words)];
    const step = 'step' in origin ? origin.step : undefined;
    const link = linkButton(
      origin.kind === 'sub-run' ? 'Show that run' : 'Show the original',
      () => {
        open(origin.run, step);
      },
      'go-to-file',
    );
    const whole = wholeOriginOf(run);
    return [h('span', whole === words ? {} : { attributes: { title: whole } }, words), link];
  });
  place.hidden = origin.kind === 'user';
}

function factsOf(model: Model, changed: number): readonly (readonly [string, string])[] {
  const run = model.past ?? model.run;
  const model_ = modelOf(run);
  const { totals } = run;
  return [
    ['Agent', run.agent || '–'],
    ['Model', model_?.name ?? '–'],
    ['Duration', formatDuration(lengthOf(run, model.at ?? model.now))],
    ['Steps', stepsText(run)],
    ['Tokens', totals.calls === 0 ? '–' : tokensOf(run)],
    ['Cost', formatRunCost(totals, model_?.provider)],
    ...(changed > 0 ? [['Files changed', filesText(run, changed)] as const] : []),
  ];
}

function stepsText({ steps, totals }: RunView): string {
  return totals.subSteps === 0
    ? String(steps.length)
    : `${String(steps.length)} and ${String(totals.subSteps)} of sub-runs`;
}

function tokensOf({ totals }: RunView): string {
  return `${formatTokens(totals.inputTokens)} in, ${formatTokens(totals.outputTokens)} out`;
}

function filesText(run: RunView, changed: number): string {
  return run.changes ? `${String(changed)} (${run.changes})` : String(changed);
}

/** The same cells are kept and only their texts change: a live run writes them several times a second. */
function showFacts(list: HTMLElement, facts: readonly (readonly [string, string])[]): void {
  const names = facts.map(([name]) => name).join();
  replaceWhen(list, names, () => facts.map(([name]) => h('div', {}, h('dt', {}, name), h('dd'))));
  list.querySelectorAll('dd').forEach((cell, index) => {
    const text = facts[index]?.[1] ?? '';
    setText(cell, text);
    setAttribute(cell, 'title', text);
  });
}
