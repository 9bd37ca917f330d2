import './styles/index.css';
import type { HostMessage, PanelAction, PanelTab, RunFacts } from '../../extension/src/protocol/panel.ts';
import type { ErrorInfo, RunEvent, StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { applyEvent, stepOf } from '../../extension/src/protocol/run-view.ts';
import { createBanners } from './banner.ts';
import { createDetail } from './detail.ts';
import { h, setText } from './dom.ts';
import { createHeader } from './header.ts';
import { connectHost } from './host.ts';
import { icon } from './icons.ts';
import { isLive } from './model.ts';
import type { Row } from './outline.ts';
import { outline } from './outline.ts';
import { createPayloads } from './payloads.ts';
import { spokenStatus } from './spoken.ts';
import { createStepList } from './step-list.ts';
import { registerToolkit } from './toolkit.ts';

registerToolkit();

/** How often a live run is drawn when nothing arrives, so that its bars grow. */
const TICK_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 200;

interface Shown {
  readonly run: RunView;
  facts: RunFacts;
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
let restoreScroll = kept?.scrollTop;
const busy = new Set<PanelAction>();

const live = h('div', { class: 'spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
const message = h('main', { class: 'blank' });
const header = createHeader((action) => {
  if (!shown || busy.has(action)) return;
  busy.add(action);
  header.setBusy(busy);
  banners.report(undefined);
  host.post({ type: 'action', run: shown.run.id, action });
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
const panel = h(
  'main',
  { class: 'panel' },
  header.element,
  banners.element,
  h('div', { class: 'split' }, list.element, detail.element),
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
      open(incoming.view, incoming.facts, incoming.now);
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
      header.setBusy(busy);
      if (incoming.run !== shown?.run.id) return;
      banners.report(incoming);
      setText(live, incoming.error?.message ?? incoming.message ?? '');
      schedule();
  }
}

function open(run: RunView, facts: RunFacts, now: number): void {
  const same = (shown?.run.id ?? kept?.run) === run.id;
  if (!same) {
    selected = undefined;
    collapsed = new Set();
    restoreScroll = 0;
    banners.report(undefined);
    payloads.forget();
    busy.clear();
    header.setBusy(busy);
  } else if (shown) restoreScroll = list.scrollTop();
  if (selected !== undefined && !stepOf(run, selected)) selected = undefined;
  shown = { run, facts, rows: outline(run, collapsed), steps: run.steps.length, skew: now - Date.now() };
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
