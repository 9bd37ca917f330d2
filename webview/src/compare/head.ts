import type {
  CompareFile,
  CompareHostMessage,
  CompareRun,
} from '../../../extension/src/protocol/compare-panel.ts';
import { formatDuration, formatRunCost, formatTokens } from '../../../extension/src/protocol/format.ts';
import type { RunId } from '../../../extension/src/protocol/run-event.ts';
import { linkButton } from '../button.ts';
import { h, setText } from '../dom.ts';
import { runStatus } from '../kinds.ts';
import { delta, dollars } from './deltas.ts';
import { FILE_VERDICTS } from './words.ts';

type Comparison = Extract<CompareHostMessage, { readonly type: 'comparison' }>;

export interface Head {
  readonly element: HTMLElement;
  show(comparison: Comparison): void;
  showFiles(files: readonly CompareFile[]): void;
}

interface HeadEvents {
  readonly onOpenRun: (run: RunId) => void;
  readonly onOpenFile: (path: string) => void;
  readonly onToggleFiles: (isOpen: boolean) => void;
}

/** What both runs came to, what that means in sentences, and the files that they changed. */
export function createHead({ onOpenRun, onOpenFile, onToggleFiles }: HeadEvents, filesOpen: boolean): Head {
  const totals = h('div', { class: 'totals-room' });
  const summary = h('ul', { class: 'summary' });
  const count = h('summary', {});
  const list = h('ul', { class: 'file-list' });
  const files = h('details', { class: 'folded' }, count, list);
  files.open = filesOpen;
  files.addEventListener('toggle', () => {
    onToggleFiles(files.open);
  });
  return {
    element: h('div', { class: 'head' }, totals, h('div', { class: 'said' }, summary, files)),
    show: (comparison) => {
      totals.replaceChildren(totalsTable(comparison, onOpenRun));
      summary.replaceChildren(...comparison.summary.map((sentence) => h('li', {}, sentence)));
    },
    showFiles: (all) => {
      const differing = all.filter(({ verdict }) => verdict !== 'same').length;
      files.hidden = all.length === 0;
      setText(
        count,
        differing === 0
          ? `Files (${String(all.length)}, all the same)`
          : `Files (${String(differing)} of ${String(all.length)} differ)`,
      );
      list.replaceChildren(
        ...all.map(({ path, verdict }) =>
          h(
            'li',
            { class: 'file' },
            linkButton(
              path,
              () => {
                onOpenFile(path);
              },
              'diff',
            ),
            h('span', { class: 'hint' }, FILE_VERDICTS[verdict]),
          ),
        ),
      );
    },
  };
}

interface Column {
  readonly name: string;
  readonly of: (run: CompareRun) => string;
  readonly delta: (a: CompareRun, b: CompareRun) => string;
}

const tokensOf = ({ totals }: CompareRun): number => totals.inputTokens + totals.outputTokens;
/** Only what is known in full can be set against another sum. */
const usdOf = ({ totals }: CompareRun): number | 'none' | 'unknown' =>
  totals.calls === 0 ? 'none' : totals.unpriced > 0 ? 'unknown' : totals.usd;

const COLUMNS: readonly Column[] = [
  {
    name: 'State',
    of: ({ status, error }) => `${runStatus(status, false).text}${error === undefined ? '' : `: ${error}`}`,
    delta: () => '',
  },
  { name: 'Steps', of: ({ steps }) => String(steps), delta: (a, b) => delta(a.steps, b.steps, String) },
  {
    name: 'Time',
    of: ({ activeMs }) => formatDuration(activeMs),
    delta: (a, b) => delta(a.activeMs, b.activeMs, formatDuration),
  },
  {
    name: 'Tokens',
    of: ({ totals }) => `${formatTokens(totals.inputTokens)} in, ${formatTokens(totals.outputTokens)} out`,
    delta: (a, b) => delta(tokensOf(a), tokensOf(b), formatTokens),
  },
  {
    name: 'Cost',
    of: ({ totals }) => formatRunCost(totals),
    delta: (a, b) => delta(usdOf(a), usdOf(b), dollars),
  },
  { name: 'Files', of: ({ files }) => String(files), delta: (a, b) => delta(a.files, b.files, String) },
];

function totalsTable({ a, b }: Comparison, onOpenRun: (run: RunId) => void): HTMLElement {
  const runRow = (name: string, run: CompareRun): HTMLElement => {
    const time = new Date(run.startedAt).toLocaleString(undefined, {
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    return h(
      'tr',
      {},
      h(
        'th',
        { attributes: { scope: 'row' } },
        h(
          'span',
          { class: 'run-name' },
          h('span', { class: 'side-name' }, name),
          ' ',
          linkButton(run.task.split('\n', 1)[0] || run.run, () => {
            onOpenRun(run.run);
          }),
        ),
        h('span', { class: 'run-facts' }, `${run.agent} · ${time} · ${run.run}`),
      ),
      ...COLUMNS.map(({ of }) => h('td', {}, of(run))),
    );
  };
  return h(
    'table',
    { class: 'totals' },
    h('caption', { class: 'spoken' }, 'What both runs came to'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { attributes: { scope: 'col' } }, 'Run'),
        ...COLUMNS.map(({ name }) => h('th', { attributes: { scope: 'col' } }, name)),
      ),
    ),
    h(
      'tbody',
      {},
      runRow('A', a),
      runRow('B', b),
      h(
        'tr',
        { class: 'more' },
        h('th', { attributes: { scope: 'row' } }, 'B − A'),
        ...COLUMNS.map((column) => h('td', {}, column.delta(a, b))),
      ),
    ),
  );
}
