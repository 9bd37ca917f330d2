import '../styles/metrics/index.css';
import type {
  MetricsChoice,
  MetricsHostMessage,
  MetricsPageMessage,
  MetricsState,
} from '../../../extension/src/protocol/metrics-panel.ts';
import type { ErrorInfo } from '../../../extension/src/protocol/run-event.ts';
import { action } from '../action.ts';
import { connect, hasKept } from '../connection.ts';
import { h, setText } from '../dom.ts';
import { createControls } from './controls.ts';
import { createReport } from './report.ts';
import { createRunList } from './run-list.ts';
import { longTime } from './times.ts';
import { isSame, nameOf, periodOf } from './words.ts';

const FIRST: MetricsChoice = { by: 'agent', over: 'day', days: 30 };

const types = [
  'metrics',
  'reading',
  'runs',
  'failed',
] as const satisfies readonly MetricsHostMessage['type'][];
const host = connect<MetricsHostMessage, MetricsPageMessage, MetricsState>({
  types,
  isState: (state): state is MetricsState => hasKept(state, 'folder') && 'choice' in Object(state),
  onMessage: receive,
});

let choice = host.state()?.choice ?? FIRST;
/** The column whose runs are listed; undefined for all of them. */
let start: number | undefined;

const folder = h('span', { class: 'folder' });
const status = h('p', { class: 'status-line', attributes: { role: 'status' } });
const controls = createControls((changed) => {
  start = undefined;
  ask(changed);
});
const report = createReport({
  onGroup: (group) => {
    start = undefined;
    const { group: _, ...rest } = choice;
    ask(group && !isSame(group, choice.group) ? { ...rest, group } : rest);
  },
  onColumn: (column) => {
    start = column;
    host.post({ type: 'runs', choice, start: column });
  },
});
const side = h('aside', { class: 'side', attributes: { 'aria-label': 'Runs behind the numbers' } });
const content = h('div', { class: 'content' }, report.element, side);
const words = h('div', { class: 'words' });
document.body.append(
  h(
    'main',
    { class: 'metrics' },
    h('header', { class: 'top' }, h('h1', {}, 'Metrics ', folder), controls.element),
    status,
    words,
    content,
  ),
);
ask(choice);

function ask(changed: MetricsChoice): void {
  choice = changed;
  controls.show(choice);
  setText(status, 'Reading…');
  host.post({ type: 'show', choice });
}

function receive(message: MetricsHostMessage): void {
  switch (message.type) {
    case 'metrics':
      show(message);
      return;
    case 'reading':
      setText(
        status,
        `Reading the log: ${message.read.toLocaleString()} of ${message.of.toLocaleString()} runs…`,
      );
      return;
    case 'runs':
      side.replaceChildren(
        ...createRunList({
          ...message,
          heading: headingOf(message.choice, message.start),
          onOpen: (run) => {
            host.post({ type: 'open-run', run });
          },
        }),
      );
      setText(status, `${String(message.count)} runs: ${headingOf(message.choice, message.start)}`);
      return;
    case 'failed':
      setText(status, '');
      content.hidden = true;
      words.replaceChildren(...failure(message.error));
  }
}

function show(message: Extract<MetricsHostMessage, { readonly type: 'metrics' }>): void {
  choice = message.choice;
  host.keep({ v: 1, folder: message.folder.path, choice });
  setText(folder, message.folder.name);
  const isEmpty = message.total.runs.count === 0 && message.lines.length === 0;
  content.hidden = isEmpty;
  words.replaceChildren(...(isEmpty ? nothing(message.none) : []));
  setText(status, '');
  if (isEmpty) return;
  report.show(message);
  host.post({ type: 'runs', choice, ...(start === undefined ? {} : { start }) });
}

function headingOf(of: MetricsChoice, column: number | undefined): string {
  const time = column === undefined ? (periodOf(of)?.label ?? '') : longTime(of.over, column);
  return of.group ? `${nameOf(of.group)}, ${time}` : time;
}

function nothing(none: boolean): readonly HTMLElement[] {
  if (!none)
    return [
      h('h2', {}, 'Nothing ran in this time.'),
      action('Show All Time', () => {
        const { days: _, ...rest } = choice;
        ask({ ...rest, over: 'day' });
      }),
    ];
  return [
    h('h2', {}, 'No agent has run in this folder yet.'),
    h('p', {}, 'What runs cost, how long they take and how they end is shown here.'),
    action('Run Agent…', () => {
      host.post({ type: 'run-agent' });
    }),
  ];
}

function failure(error: ErrorInfo): readonly HTMLElement[] {
  return [
    h('h2', {}, error.message),
    h('p', {}, error.action ?? ''),
    h('code', {}, error.code),
    action('Try Again', () => {
      ask(choice);
    }),
  ];
}
