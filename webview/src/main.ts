import './styles/index.css';
import type {
  HostMessage,
  PanelMessage,
  PanelSide,
  PanelTab,
  PanelTask,
} from '../../extension/src/protocol/panel.ts';
import type { ErrorInfo, RunId, StepId } from '../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';
import { stepOf } from '../../extension/src/protocol/run-view.ts';
import { createArrivals } from './arrivals.ts';
import type { RunMessage } from './arrivals.ts';
import { createBanners } from './banner.ts';
import { createBlank } from './blank.ts';
import { createDetail } from './detail.ts';
import { h, setText } from './dom.ts';
import { createFactRequests } from './fact-requests.ts';
import { createFilterBar } from './filter-bar.ts';
import { createFlows } from './flow/flows.ts';
import { createGraphPane } from './flow/graph-pane.ts';
import { createHeader } from './header.ts';
import { connectHost } from './host.ts';
import { createListing } from './listing.ts';
import type { Listing } from './listing.ts';
import { isLive } from './model.ts';
import type { Model } from './model.ts';
import { isInside } from './outline.ts';
import { newestThen } from './past.ts';
import { createPayloads } from './payloads.ts';
import { createReplayBar } from './replay-bar.ts';
import type { Shown } from './shown.ts';
import { createShown } from './shown.ts';
import { createSide } from './side.ts';
import { spokenStatus } from './spoken.ts';
import { createSteerBox } from './steer-box.ts';
import { NO_FILTER } from './step-filter.ts';
import type { StepFilter } from './step-filter.ts';
import { createStepList } from './step-list.ts';
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
let selected: StepId | undefined = kept?.selected;
let tab: PanelTab = kept?.tab ?? 'output';
let collapsed: ReadonlySet<StepId> = new Set(kept?.collapsed ?? []);
let side: PanelSide | undefined = kept?.side;
let filter: StepFilter = kept?.filter ?? NO_FILTER;
/** The replay's position; undefined at the end of the run. */
let at: number | undefined = kept?.at;
let restoreScroll = kept?.scrollTop;
let scrolled: ReturnType<typeof setTimeout> | undefined;
const busy = new Set<PanelTask>();

const live = h('div', { class: 'spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
const blank = createBlank();
const listing = createListing();
const factRequests = createFactRequests(host.post);
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
    if (!shown) return;
    host.post({ type: 'open-diff', run: shown.run.id, path, ...(step === undefined ? {} : { step }) });
  },
});
const filterBar = createFilterBar((next) => {
  filter = next;
  keep();
  draw();
});
const list = createStepList(filterBar, {
  onSelect: select,
  onToggle: (step, expanded) => {
    const next = new Set(collapsed);
    if (expanded) next.delete(step ?? '');
    else next.add(step ?? '');
    collapsed = next;
    if (!expanded && isInside(selected, step)) selected = step;
    keep();
    // At once: the next key of a quick typist must find the lines as this one left them.
    draw();
  },
  onOpen: detail.focus,
  onScroll: () => {
    clearTimeout(scrolled);
    scrolled = setTimeout(keep, SCROLL_KEPT_MS);
  },
});
const graph = createGraphPane(lookAt);
const flows = createFlows();
const timeline = createTimeline({
  onSelect: (step) => {
    if (step === undefined) select(undefined);
    else lookAt(step);
  },
  onSay: (text) => {
    setText(live, text);
  },
  onOpen: detail.focus,
});
const replay = createReplayBar((next) => {
  at = next;
  if (shown && next !== undefined) {
    const newest = newestThen(shown.run, next);
    if (newest !== undefined) lookAt(newest);
    else select(undefined);
    timeline.reveal();
    return;
  }
  keep();
  draw();
});
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
      return;
    case 'step':
      if (shown?.run.id === incoming.run && incoming.facts) shown.fill(incoming.facts);
      factRequests.answered();
      schedule();
      return;
    case 'events':
      if (shown?.run.id === incoming.run) append(shown, incoming);
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

function open(message: RunMessage, steps: StepView[]): void {
  const next = createShown(message, steps, Date.now);
  const { run } = next;
  const same = (shown?.run.id ?? kept?.run) === run.id;
  if (!same) {
    selected = undefined;
    collapsed = new Set();
    filter = NO_FILTER;
    at = undefined;
    restoreScroll = 0;
    banners.report(undefined);
    payloads.forget();
    busy.clear();
    showBusy();
    steerBox.clear();
    side = undefined;
  } else if (shown) restoreScroll = list.scrollTop();
  if (selected !== undefined && !stepOf(run, selected)) selected = undefined;
  shown = next;
  if (!panel.isConnected) {
    blank.element.remove();
    document.body.append(panel);
  }
  draw();
  if (restoreScroll !== undefined) list.scrollTo(restoreScroll);
  restoreScroll = undefined;
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

function select(step: StepId | undefined): void {
  selected = step;
  const begun = step === undefined || !shown ? undefined : stepOf(shown.run, step)?.startedAt;
  if (at !== undefined && begun !== undefined && begun > at) at = begun;
  draw();
  list.reveal();
  keep();
}

/** Selects a step and opens what it is folded into. */
function lookAt(step: StepId): void {
  if (!shown) return;
  collapsed = new Set([...collapsed].filter((outer) => outer !== '' && !isInside(step, outer)));
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
  const model = modelOf(shown, listing(shown, { collapsed, filter, at }));
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
  detail.update(model);
}

function modelOf({ run, facts, outline, skew, restarts, hasFacts }: Shown, listing: Listing): Model {
  return {
    ...{ run, facts, selected, tab, outline, filter, seq: run.lastSeq, restarts, at, hasFacts },
    ...listing,
    // A run that lost its process stands still, whatever its log says.
    now: run.status === 'running' && !facts.live ? run.activeAt : Date.now() + skew,
  };
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
    ...{ side, filter, at },
  });
}

function showMessage(state: 'loading' | ErrorInfo): void {
  panel.remove();
  blank.show(state);
  document.body.append(blank.element);
}
