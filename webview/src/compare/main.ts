import '../styles/compare/index.css';
import type {
  CompareHostMessage,
  CompareLine,
  ComparePageMessage,
  CompareState,
} from '../../../extension/src/protocol/compare-panel.ts';
import type { ErrorInfo } from '../../../extension/src/protocol/run-event.ts';
import { action } from '../action.ts';
import { connect, hasKept } from '../connection.ts';
import { h, setText } from '../dom.ts';
import { createDetails } from './details.ts';
import { createHead } from './head.ts';
import { createLineList } from './line-list.ts';
import { countsOf, differenceFrom, listed, nearest } from './lines.ts';
import { countsText } from './words.ts';

type ComparisonMessage = Extract<CompareHostMessage, { readonly type: 'comparison' }>;

const types = [
  'progress',
  'comparison',
  'lines',
  'files',
  'texts',
  'failed',
] as const satisfies readonly CompareHostMessage['type'][];
const host = connect<CompareHostMessage, ComparePageMessage, CompareState>({
  types,
  isState: (state): state is CompareState => hasKept(state, 'a') && hasKept(state, 'b'),
  onMessage: receive,
});

let kept = host.state();
let lines: readonly CompareLine[] = [];
let shown: readonly number[] = [];
let version = 0;
/** A comparison of which not all lines have come. */
let coming: { readonly head: ComparisonMessage; readonly lines: CompareLine[] } | undefined;
let selected: number | undefined;

const status = h('p', { class: 'status-line', attributes: { role: 'status' } }, 'Comparing…');
const only = h('input', { attributes: { type: 'checkbox' } });
only.checked = kept?.onlyDifferences ?? false;
only.addEventListener('change', () => {
  keep({ onlyDifferences: only.checked });
  list();
  rows.reveal();
});
const previous = toolButton('Previous Difference', 'p', () => {
  go(-1);
});
const next = toolButton('Next Difference', 'n', () => {
  go(1);
});
const head = createHead(
  {
    onOpenRun: (run) => {
      host.post({ type: 'open-step', run });
    },
    onOpenFile: (path) => {
      host.post({ type: 'open-file', path });
    },
    onToggleFiles: (filesOpen) => {
      keep({ filesOpen });
    },
  },
  kept?.filesOpen ?? false,
);
const details = createDetails({
  onOpen: ({ run, step }) => {
    host.post({ type: 'open-step', run, step });
  },
  onOpenText: openText,
});
const rows = createLineList({
  onSelect: select,
  onOpen: (line, side) => {
    const step = lines[line]?.[side];
    if (step) host.post({ type: 'open-step', run: step.run, step: step.step });
  },
  onEnter: details.focus,
  onScroll: () => {
    keep({ scrollTop: rows.scrollTop() });
  },
});
const nothing = h('div', { class: 'nothing' });
const content = h(
  'div',
  { class: 'content' },
  head.element,
  h(
    'div',
    { class: 'tools' },
    h('label', { class: 'only' }, only, 'Only differences'),
    previous,
    next,
    status,
    toolButton('Open as Text', undefined, openText),
  ),
  h('div', { class: 'sides' }, rows.element, nothing),
  details.element,
);
const comparing = h('p', {}, 'Comparing…');
const progress = h('progress', { attributes: { max: '1', 'aria-label': 'Comparing' } });
const words = h('div', { class: 'words' });
waitForIt();
content.hidden = true;
document.body.append(
  h('main', { class: 'compare' }, h('h1', { class: 'spoken' }, 'Comparison of two runs'), words, content),
);
document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || content.hidden) return;
  if (event.key === 'n') go(1);
  else if (event.key === 'p') go(-1);
});
host.post({ type: 'ready' });

function receive(message: CompareHostMessage): void {
  switch (message.type) {
    case 'progress':
      progress.value = message.share;
      setText(comparing, `Comparing… ${String(Math.floor(message.share * 100))} %`);
      return;
    case 'comparison':
      coming = { head: message, lines: [...message.lines] };
      showWhenWhole();
      return;
    case 'lines':
      if (message.version !== coming?.head.version) return;
      coming.lines.push(...message.lines);
      showWhenWhole();
      return;
    case 'files':
      if (message.version === version) head.showFiles(message.files);
      return;
    case 'texts':
      if (message.version === version && message.line === selected) details.fill(message);
      return;
    case 'failed':
      kept ??= { v: 1, ...message.pair };
      host.keep(kept);
      content.hidden = true;
      words.replaceChildren(...failure(message.error));
  }
}

function showWhenWhole(): void {
  if (!coming || coming.lines.length < coming.head.total) return;
  const { head: message, lines: all } = coming;
  coming = undefined;
  show(message, all);
}

function show(message: ComparisonMessage, all: readonly CompareLine[]): void {
  const isFirst = version === 0;
  const isRestored = isFirst && kept?.line !== undefined;
  const scrollTop = kept?.scrollTop ?? 0;
  version = message.version;
  lines = all;
  kept = { ...kept, v: 1, ...message.pair };
  words.replaceChildren();
  content.hidden = false;
  head.show(message);
  const last = lines.length - 1;
  const first = differenceFrom(lines, -1, 1);
  const wanted = (isFirst ? kept.line : selected) ?? first ?? 0;
  selected = last < 0 ? undefined : Math.min(wanted, last);
  list();
  const counts = countsText(countsOf(lines));
  setText(status, lines.length === 0 ? 'Neither run did a step.' : counts);
  if (isRestored) rows.scrollTo(scrollTop);
  else rows.reveal();
  if (isFirst) rows.focus();
}

/** Lists the lines anew, and selects one that is among them. */
function list(): void {
  shown = listed(lines, only.checked);
  if (selected !== undefined && !shown.includes(selected)) selected = shown[nearest(shown, selected)];
  rows.element.hidden = shown.length === 0;
  nothing.replaceChildren(...(shown.length === 0 ? empty() : []));
  const has = lines.some(({ verdict }) => verdict !== 'same');
  previous.disabled = !has;
  next.disabled = !has;
  if (selected === undefined && shown.length > 0) selected = shown[0];
  select(selected);
}

function select(line: number | undefined): void {
  selected = line;
  rows.show(lines, shown, line);
  rows.reveal();
  details.show(line === undefined ? undefined : lines[line]);
  if (line === undefined) return;
  keep({ line });
  host.post({ type: 'texts', version, line });
}

function go(direction: 1 | -1): void {
  const found = differenceFrom(lines, selected ?? -1, direction);
  if (found === undefined) {
    setText(
      status,
      direction === 1 ? 'There is no difference after this one.' : 'There is no difference before this one.',
    );
    return;
  }
  select(found);
  setText(status, `Difference at line ${String(found + 1)} of ${String(lines.length)}.`);
  rows.focus();
}

function keep(part: Partial<CompareState>): void {
  if (!kept) return;
  kept = { ...kept, ...part };
  host.keep(kept);
}

function openText(): void {
  host.post({ type: 'open-text' });
}

function empty(): readonly HTMLElement[] {
  if (lines.length === 0) return [h('p', {}, 'Neither run did a step.')];
  return [
    h('p', {}, 'Nothing differs: both runs did the same steps and ended with the same answer.'),
    action('Show All Steps', () => {
      only.checked = false;
      keep({ onlyDifferences: false });
      list();
      rows.focus();
    }),
  ];
}

function waitForIt(): void {
  setText(comparing, 'Comparing…');
  progress.removeAttribute('value');
  words.replaceChildren(comparing, progress);
}

function failure(error: ErrorInfo): readonly HTMLElement[] {
  return [
    h('h2', {}, error.message),
    h('p', {}, error.action ?? ''),
    h('code', {}, error.code),
    h(
      'div',
      { class: 'actions' },
      action('Compare Other Runs…', () => {
        host.post({ type: 'choose-runs' });
      }),
      action('Try Again', () => {
        waitForIt();
        host.post({ type: 'ready' });
      }),
    ),
  ];
}

function toolButton(label: string, key: string | undefined, onClick: () => void): HTMLButtonElement {
  return h(
    'button',
    {
      class: 'tool',
      attributes: { type: 'button', ...(key === undefined ? {} : { 'aria-keyshortcuts': key }) },
      ...(key === undefined ? {} : { title: `${label} (${key})` }),
      onClick,
    },
    label,
  );
}
