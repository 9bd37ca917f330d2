import './styles/index.css';
import type {
  HostMessage,
  PanelMessage,
  PanelSide,
  PanelTab,
  PanelTask,
  RunFacts,
  WorkflowGraph,
} from '../../extension/src/protocol/panel.ts';
import type { ErrorInfo, RunEvent, RunId, StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { applyEvent, stepOf } from '../../extension/src/protocol/run-view.ts';
import { createBanners } from './banner.ts';
import { createDetail } from './detail.ts';
import { h, setText } from './dom.ts';
import { createGraphPane } from './graph.ts';
import { createHeader } from './header.ts';
import { connectHost } from './host.ts';
import { icon } from './icons.ts';
import { isLive } from './model.ts';
import type { Row } from './outline.ts';
import { outline } from './outline.ts';
import { createPayloads } from './payloads.ts';
import { createSide } from './side.ts';
import { spokenStatus } from './spoken.ts';
import { createSteerBox } from './steer-box.ts';
import { createStepList } from './step-list.ts';
import { registerToolkit } from './toolkit.ts';
import { createWaitingCalls } from './waiting-calls.ts';

registerToolkit();

/** How often a live run is drawn when nothing arrives, so that its bars grow. */
const TICK_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 200;

interface Shown {
  readonly run: RunView;
  facts: RunFacts;
  readonly graph: WorkflowGraph | undefined;
  rows: readonly Row[];
  /** The steps' number at which `rows` was made. */
  steps: number;
  /** The host's clock minus ours, in milliseconds. */
  skew: number;
}

const host = connectHost(receive);
const kept = host.state();
let shown: Shown | undefined;
let selected: StepId | undefined = kept?.selected;
let tab: PanelTab = kept?.tab ?? 'output';
let collapsed = new Set<StepId>(kept?.collapsed ?? []);
let side: PanelSide = kept?.side ?? 'graph';
let restoreScroll = kept?.scrollTop;
const busy = new Set<PanelTask>();

const live = h('div', { class: 'spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
const message = h('main', { class: 'blank' });
const openRun = (run: RunId, step?: StepId): void => {
  host.post({ type: 'open-run', run, ...(step === undefined ? {} : { step }) });
};
const header = createHeader({
  onAction: (action) => {
    if (shown) ask(action, { type: 'action', run: shown.run.id, action });
  },
  onOpenRun: openRun,
});
const waiting = createWaitingCalls({
  onDecide: ({ run, step }, decision) => {
    host.post({ type: 'decide', run, step, decision });
  },
  onLook: ({ run, step }) => {
    if (run === shown?.run.id) lookAt(step);
    else openRun(run, step);
  },
});
const steerBox = createSteerBox((text) => {
  if (shown) ask('steer', { type: 'steer', run: shown.run.id, text });
});
const banners = createBanners();
const payloads = createPayloads(host.post, schedule);
const detail = createDetail(payloads, {
  onTab: (next) => {
    if (next === tab) return;
    tab = next;
    keep();
    schedule();
  },
  onSelect: (step) => {
    lookAt(step);
    list.focus();
  },
  onCopy: (text) => {
    host.post({ type: 'copy', text });
    setText(live, 'Copied');
  },
  onOpenPayload: (target) => {
    if (shown) host.post({ type: 'open-payload', run: shown.run.id, target });
  },
  onOpenRun: openRun,
  onFork: (step) => {
    if (shown) ask('fork', { type: 'fork', run: shown.run.id, step });
  },
  onOpenDiff: (path, step) => {
    if (shown)
      host.post({ type: 'open-diff', run: shown.run.id, path, ...(step === undefined ? {} : { step }) });
  },
});
const list = createStepList({
  onSelect: select,
  onToggle: (step, expanded) => {
    if (expanded) collapsed.delete(step ?? '');
    else collapsed.add(step ?? '');
    if (!expanded && isInside(selected, step)) selected = step;
    if (shown) shown.rows = outline(shown.run, collapsed);
    keep();
    // At once: the next key of a quick typist must find the lines as this one left them.
    draw();
  },
  onOpen: detail.focus,
  onScroll: keep,
});
const graph = createGraphPane((step) => {
  lookAt(step);
});
const sides = createSide(list.element, graph.element, (next) => {
  side = next;
  keep();
  draw();
});
const panel = h(
  'main',
  { class: 'panel' },
  header.element,
  h('div', {}, banners.element, waiting.element),
  h('div', { class: 'split' }, sides.element, detail.element),
  steerBox.element,
);

showMessage('loading');
document.body.append(live);
setInterval(() => {
  if (shown && isLive(shown) && !document.hidden) schedule();
}, TICK_MS);
host.post({ type: 'ready', ...(kept ? { run: kept.run } : {}) });

function receive(incoming: HostMessage): void {
  switch (incoming.type) {
    case 'run':
      open(incoming.view, incoming.facts, incoming.graph, incoming.now);
      return;
    case 'events':
      if (shown?.run.id === incoming.run) append(shown, incoming.events, incoming.facts, incoming.now);
      return;
    case 'select':
      if (shown?.run.id === incoming.run && stepOf(shown.run, incoming.step)) lookAt(incoming.step);
      return;
    case 'payload':
      payloads.receive(incoming.request, incoming.result);
      return;
    case 'unavailable':
      shown = undefined;
      showMessage(incoming.error);
      return;
    case 'action-done':
      busy.delete(incoming.action);
      showBusy();
      if (incoming.run !== shown?.run.id) return;
      if (incoming.action === 'steer' && !incoming.error) steerBox.clear();
      banners.report(incoming);
      setText(live, incoming.error?.message ?? incoming.message ?? '');
      schedule();
  }
}

/** One at a time of each kind: a second click means the first. */
function ask(task: PanelTask, message: PanelMessage): void {
  if (busy.has(task)) return;
  busy.add(task);
  showBusy();
  banners.report(undefined);
  host.post(message);
}

function showBusy(): void {
  header.setBusy(busy);
  steerBox.setBusy(busy.has('steer'));
}

function open(run: RunView, facts: RunFacts, drawing: WorkflowGraph | undefined, now: number): void {
  const same = (shown?.run.id ?? kept?.run) === run.id;
  if (!same) {
    selected = undefined;
    collapsed = new Set();
    restoreScroll = 0;
    banners.report(undefined);
    payloads.forget();
    busy.clear();
    showBusy();
    steerBox.clear();
    side = 'graph';
  } else if (shown) restoreScroll = list.scrollTop();
  if (selected !== undefined && !stepOf(run, selected)) selected = undefined;
  shown = {
    ...{ run, facts, graph: drawing, rows: outline(run, collapsed) },
    ...{ steps: run.steps.length, skew: now - Date.now() },
  };
  graph.show(drawing);
  if (!panel.isConnected) {
    message.remove();
    document.body.append(panel);
  }
  draw();
  if (restoreScroll !== undefined) list.scrollTo(restoreScroll);
  restoreScroll = undefined;
  keep();
}

function append(to: Shown, events: readonly RunEvent[], facts: RunFacts, now: number): void {
  const before = spokenStatus(to.run, to.facts);
  for (const event of events) {
    if (event.seq <= to.run.lastSeq) continue;
    if (event.seq !== to.run.lastSeq + 1) {
      // Something was lost on the way: take the run as a whole again.
      host.post({ type: 'ready', run: to.run.id });
      return;
    }
    applyEvent(to.run, event);
  }
  to.facts = facts;
  to.skew = now - Date.now();
  const after = spokenStatus(to.run, to.facts);
  if (after !== before) setText(live, after);
  schedule();
}

function select(step: StepId | undefined): void {
  selected = step;
  draw();
  list.reveal();
  keep();
}

/** Selects a step and opens what it is folded into. */
function lookAt(step: StepId): void {
  if (!shown) return;
  collapsed = new Set([...collapsed].filter((outer) => outer !== '' && !isInside(step, outer)));
  shown.rows = outline(shown.run, collapsed);
  select(step);
}

let frame: number | undefined;
function schedule(): void {
  frame ??= requestAnimationFrame(draw);
}

function draw(): void {
  if (frame !== undefined) cancelAnimationFrame(frame);
  frame = undefined;
  if (!shown) return;
  if (shown.steps !== shown.run.steps.length) {
    shown.rows = outline(shown.run, collapsed);
    shown.steps = shown.run.steps.length;
  }
  const model = { ...shown, selected, tab, now: Date.now() + shown.skew };
  header.update(model);
  banners.update(model);
  waiting.update(model);
  steerBox.update(model);
  sides.show(shown.graph ? side : undefined);
  if (shown.graph && side === 'graph') graph.update(model);
  list.update(model);
  detail.update(model);
}

function keep(): void {
  if (!shown) return;
  host.keep({
    v: 1,
    run: shown.run.id,
    selected,
    tab,
    scrollTop: list.scrollTop(),
    collapsed: [...collapsed],
    side,
  });
}

function isInside(step: StepId | undefined, outer: StepId | undefined): boolean {
  return step !== undefined && (outer === undefined || step.startsWith(`${outer}.`));
}

function showMessage(state: 'loading' | ErrorInfo): void {
  panel.remove();
  message.replaceChildren(
    ...(state === 'loading'
      ? [
          h('vscode-progress-ring', { attributes: { 'aria-label': 'Loading the run' } }),
          h('p', {}, 'Loading the run…'),
        ]
      : [
          icon('error'),
          h('h1', {}, state.message),
          h('p', {}, state.action ?? ''),
          h('code', {}, state.code),
        ]),
  );
  document.body.append(message);
}
