import './styles/index.css';
import type { HostMessage, PanelSide, PanelTab, StepKey } from '../../extension/src/protocol/panel.ts';
import type { ErrorInfo, RunId, StepId } from '../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';
import { createArrivals } from './arrivals.ts';
import type { RunMessage } from './arrivals.ts';
import { createBanners } from './banner.ts';
import { createBlank } from './blank.ts';
import { createDetail } from './detail.ts';
import { h, setText } from './dom.ts';
import { createFactRequests } from './fact-requests.ts';
import { createFilterBar } from './filter-bar.ts';
import { focusOf } from './focus.ts';
import { folded, foldsOf, revealed } from './folds.ts';
import type { Folds } from './folds.ts';
import { createFlows } from './flow/flows.ts';
import { createGraphPane } from './flow/graph-pane.ts';
import { createHeader } from './header.ts';
import { connectHost } from './host.ts';
import { createListing } from './listing.ts';
import { isLive, modelOf } from './model.ts';
import { isInside, keyOf } from './outline.ts';
import type { Row } from './outline.ts';
import { createPayloads } from './payloads.ts';
import { createReplayBar } from './replay-bar.ts';
import type { Shown } from './shown.ts';
import { createShown } from './shown.ts';
import { createSide } from './side.ts';
import { spokenFold, spokenStatus } from './spoken.ts';
import { createSteerBox } from './steer-box.ts';
import { keyIn, placeOf } from './step-key.ts';
import { NO_FILTER } from './step-filter.ts';
import type { StepFilter } from './step-filter.ts';
import { createStepList } from './step-list.ts';
import { createTasks } from './tasks.ts';
import { createTimeline } from './timeline/timeline.ts';
import { registerToolkit } from './toolkit.ts';
import { createWaitingCalls } from './waiting-calls.ts';

registerToolkit();

/** How often a live run is drawn when nothing arrives, so that its bars grow. */
const TICK_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 200;

/** Keeping the state is a message to the editor, which is not sent for each pixel. */
const SCROLL_KEPT_MS = 150;

const host = connectHost(receive);
const kept = host.state();
let shown: Shown | undefined;
let selected: StepKey | undefined = kept?.selected;
let tab: PanelTab = kept?.tab ?? 'output';
let folds: Folds = foldsOf(kept?.collapsed, kept?.opened);
let side: PanelSide | undefined = kept?.side;
let filter: StepFilter = kept?.filter ?? NO_FILTER;
/** The replay's position; undefined at the end of the run. */
let at: number | undefined = kept?.at;
let restoreScroll = kept?.scrollTop;
let scrolled: ReturnType<typeof setTimeout> | undefined;

const live = h('div', { class: 'spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
const blank = createBlank();
const listing = createListing();
const factRequests = createFactRequests(host.post);
const openRun = (run: RunId, step?: StepId): void => {
  host.post({ type: 'open-run', run, ...(step === undefined ? {} : { step }) });
};
const header = createHeader({
  onAction: (action) => {
    if (shown) tasks.ask(action, { type: 'action', run: shown.run.id, action });
  },
  onOpenRun: openRun,
});
const waiting = createWaitingCalls({
  onDecide: ({ run, step }, decision) => {
    host.post({ type: 'decide', run, step, decision });
  },
  onLook: ({ run, step }) => {
    if (shown?.held(run)) lookAt(keyIn(shown.run.id, run, step));
    else openRun(run, step);
  },
});
const steerBox = createSteerBox((text) => {
  if (shown) tasks.ask('steer', { type: 'steer', run: shown.run.id, text });
});
const tasks = createTasks(
  (message) => {
    banners.report(undefined);
    host.post(message);
  },
  (busy) => {
    header.setBusy(busy);
    steerBox.setBusy(busy.has('steer'));
  },
);
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
    if (shown) lookAt(keyIn(shown.run.id, focusRun(shown), step));
    list.focus();
  },
  onCopy: (text) => {
    host.post({ type: 'copy', text });
    setText(live, 'Copied');
  },
  onOpenPayload: (target) => {
    if (shown) host.post({ type: 'open-payload', run: focusRun(shown), target });
  },
  onOpenRun: openRun,
  onFork: (step) => {
    if (shown) tasks.ask('fork', { type: 'fork', run: focusRun(shown), step });
  },
  onOpenDiff: (path, step) => {
    if (!shown) return;
    host.post({ type: 'open-diff', run: focusRun(shown), path, ...(step === undefined ? {} : { step }) });
  },
});
const filterBar = createFilterBar((next) => {
  filter = next;
  keep();
  draw();
});
const list = createStepList(filterBar, {
  onSelect: select,
  onToggle: fold,
  onOpen: detail.focus,
  onScroll: () => {
    clearTimeout(scrolled);
    scrolled = setTimeout(keep, SCROLL_KEPT_MS);
  },
});
const graph = createGraphPane(lookAt);
const flows = createFlows();
const timeline = createTimeline({
  onSelect: (key) => {
    if (key === undefined) select(undefined);
    else lookAt(key);
  },
  onToggle: fold,
  onSay: say,
  onOpen: detail.focus,
});
const replay = createReplayBar((next, newest) => {
  at = next;
  if (next === undefined) {
    keep();
    draw();
    return;
  }
  if (newest === undefined) select(undefined);
  else lookAt(newest);
  timeline.reveal();
}, say);
const arrivals = createArrivals({ onWhole: open, onPart: blank.progress });
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
  h('div', { class: 'over-time' }, timeline.element, replay.element),
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
      arrivals.begin(incoming);
      return;
    case 'steps':
      arrivals.add(incoming);
      shown?.subRuns.add(incoming);
      return;
    case 'sub-run':
      shown?.subRuns.receive(incoming);
      return;
    case 'step':
      if (incoming.facts) shown?.held(incoming.run)?.fill(incoming.facts);
      factRequests.answered();
      schedule();
      return;
    case 'events':
      if (shown?.run.id === incoming.run) append(shown, incoming);
      return;
    case 'select':
      if (shown?.run.id === incoming.run && shown.outline.row(incoming.step)) lookAt(incoming.step);
      return;
    case 'payload':
      payloads.receive(incoming.request, incoming.result);
      return;
    case 'unavailable':
      shown = undefined;
      showMessage(incoming.error);
      return;
    case 'action-done':
      tasks.done(incoming.action);
      if (incoming.run !== shown?.run.id) return;
      if (incoming.action === 'steer' && !incoming.error) steerBox.clear();
      banners.report(incoming);
      setText(live, incoming.error?.message ?? incoming.message ?? '');
      schedule();
  }
}

function open(message: RunMessage, steps: StepView[]): void {
  const same = (shown?.run.id ?? kept?.run) === message.view.id;
  const events = { post: host.post, onSubRun: schedule };
  const next = createShown(message, steps, Date.now, events, same ? shown : undefined);
  if (!same) {
    selected = undefined;
    folds = foldsOf();
    filter = NO_FILTER;
    at = undefined;
    restoreScroll = 0;
    banners.report(undefined);
    payloads.forget();
    tasks.forget();
    steerBox.clear();
    side = undefined;
  } else if (shown) restoreScroll = list.scrollTop();
  // Of a sub-run it may come later.
  if (selected !== undefined && !selected.includes('/') && !next.outline.row(selected)) selected = undefined;
  shown = next;
  if (!panel.isConnected) {
    blank.element.remove();
    document.body.append(panel);
  }
  draw();
  keep();
}

function append(to: Shown, incoming: Extract<HostMessage, { type: 'events' }>): void {
  const before = spokenStatus(to.run, to.facts);
  if (!to.append(incoming.events, incoming.facts, incoming.now)) {
    // Something was lost on the way: take the run as a whole again.
    host.post({ type: 'ready', run: to.run.id });
    return;
  }
  const after = spokenStatus(to.run, to.facts);
  if (after !== before) setText(live, after);
  schedule();
}

function select(key: StepKey | undefined): void {
  selected = key;
  restoreScroll = undefined;
  const begun = key === undefined ? undefined : shown?.outline.row(key)?.step?.startedAt;
  if (at !== undefined && begun !== undefined && begun > at) at = begun;
  draw();
  list.reveal();
  keep();
}

/** Selects a step and opens what it is folded into. */
function lookAt(key: StepKey): void {
  const row = shown?.outline.row(key);
  if (!row) return;
  folds = revealed(folds, row);
  select(key);
}

/** Opens or closes what is inside of a line. */
function fold(row: Row, open: boolean): void {
  if (!shown) return;
  folds = folded(folds, row, open);
  if (!open && isInside(shown.outline.row(selected), row)) selected = keyOf(row);
  keep();
  // At once: the next key of a quick typist must find the lines as this one left them.
  draw();
  setText(live, spokenFold(row, open, shown.subRuns));
}

/** The run of the selected step, which may be a sub-run. */
function focusRun({ run }: Shown): RunId {
  return selected === undefined ? run.id : placeOf(run.id, selected).run;
}

let frame: number | undefined;
function schedule(): void {
  frame ??= requestAnimationFrame(draw);
}

function draw(): void {
  if (frame !== undefined) cancelAnimationFrame(frame);
  frame = undefined;
  if (!shown) return;
  const model = modelOf(shown, { selected, tab, folds, filter, at }, listing(shown, { folds, filter, at }));
  shown.subRuns.ask(folds);
  factRequests.ask(shown, selected);
  header.update(model);
  banners.update(model);
  waiting.update(model);
  steerBox.update(model);
  const flow = flows(shown);
  const beside = flow && (side ?? flow.beside);
  sides.show(beside);
  if (flow && beside === 'graph') graph.update(flow, model);
  timeline.update(model);
  replay.update(model);
  list.update(model);
  detail.update(focusOf(model));
  if (restoreScroll === undefined) return;
  list.scrollTo(restoreScroll);
  // The lines of sub-runs may have to come before it can be there.
  if (!shown.subRuns.coming || list.scrollTop() >= restoreScroll) restoreScroll = undefined;
}

function keep(): void {
  if (!shown) return;
  host.keep({
    v: 1,
    run: shown.run.id,
    selected,
    tab,
    scrollTop: list.scrollTop(),
    collapsed: [...folds.collapsed],
    opened: [...folds.opened],
    ...{ side, filter, at },
  });
}

function say(text: string): void {
  setText(live, text);
}

function showMessage(state: 'loading' | ErrorInfo): void {
  panel.remove();
  blank.show(state);
  document.body.append(blank.element);
}
