import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrataError } from '../../extension/src/base/errors.ts';
import type { Episode, IndexState, Note } from '../../extension/src/core/memory/index.ts';
import { hitRow, reasonWords } from '../../extension/src/vscode/memory/search/results.ts';
import { progressText, statusText } from '../../extension/src/vscode/memory/status/status-words.ts';
import { childrenOf, idOf, nodesOf, type MemoryNode } from '../../extension/src/vscode/memory/view/nodes.ts';
import { recallWords } from '../../extension/src/vscode/memory/view/recall-words.ts';
import { rowOf, type Row } from '../../extension/src/vscode/memory/view/rows.ts';

const now = Date.UTC(2026, 10, 26, 12);
const hour = 3_600_000;
const ready: IndexState = { phase: 'ready', files: 1204, chunks: 5312, kept: 'here', bytes: 12_300_000 };

function episode(run: string, more: Partial<Episode> = {}): Episode {
  return {
    ...{ run, at: now - 2 * hour, agent: 'coder', task: `Task of ${run}`, outcome: 'succeeded' },
    ...{ answer: 'Done.', files: ['src/a.ts'], failures: [] },
    ...more,
  };
}

function note(text: string, more: Partial<Note> = {}): Note {
  return { id: `n-${text}`, text, by: 'person', confirmed: true, pinned: false, runs: [], times: 0, ...more };
}

interface Shown {
  readonly state?: Partial<IndexState>;
  readonly notes?: readonly Note[];
  readonly episodes?: readonly Episode[];
  readonly hasMore?: boolean;
}

function nodes({ state, notes = [], episodes = [], hasMore = false }: Shown): MemoryNode[] {
  const all = (node: MemoryNode): MemoryNode[] => [node, ...childrenOf(node).flatMap(all)];
  return nodesOf('/f', { state: { ...ready, ...state }, notes, episodes, hasMore }).flatMap(all);
}

function rows(shown: Shown): Row[] {
  return nodes(shown).map((node) => rowOf(node, now));
}

/** Each row as `label | description | icon | context`. */
function check(shown: Shown, expected: readonly string[]): void {
  assert.deepEqual(
    rows(shown).map(({ label, description, icon, context }) =>
      [label, description, icon?.id, context].join(' | '),
    ),
    expected,
  );
}

const KEYWORD = 'Keyword search | no embedder | search | search.keyword';

test('an index says how much there is, and that it is searched by keyword', () => {
  check({}, ['Index | 1,204 files · 5,312 chunks · 12 MB | database | index.ready', KEYWORD]);
});

test('a folder of which nothing is remembered has no rows, and the view says what to do', () => {
  check({ state: { phase: 'none', files: 0, chunks: 0 } }, []);
  check({ state: { phase: 'none', files: 0, chunks: 0 }, notes: [note('Tabs, not spaces')] }, [
    'Index | not indexed yet | circle-large-outline | index.none',
    KEYWORD,
    'Notes | 1 | note | notes',
    'Tabs, not spaces |  | note | note.loose.confirmed',
  ]);
});

test('while it is indexed it says how far it is, and what there is already', () => {
  const progress = { done: 430, total: 1000 };
  check({ state: { phase: 'indexing', files: 430, chunks: 1900, progress } }, [
    'Index | indexing, 43 % · 430 files · 1,900 chunks | sync~spin | index.indexing',
    KEYWORD,
  ]);
  check({ state: { phase: 'paused', files: 1, chunks: 1, progress } }, [
    'Index | paused at 43 % · 1 file · 1 chunk | debug-pause | index.paused',
    KEYWORD,
  ]);
});

test('a window that only reads says who keeps the index', () => {
  const [row] = rows({ state: { kept: 'elsewhere' } });
  assert.match(row?.description ?? '', /kept by another window$/);
  assert.match(row?.lines.map(({ text }) => text).join(' ') ?? '', /Another window or a terminal keeps it/);
});

test('what is wrong with it is said, with what to do', () => {
  const problem = {
    message: 'Its native module is missing.',
    action: 'Install the package of this platform.',
  };
  const [row] = rows({ state: { phase: 'unavailable', files: 0, chunks: 0, problem } });
  assert.equal(row?.description, 'not available');
  assert.deepEqual(row.lines[0], { icon: 'warning', text: `${problem.message} ${problem.action}` });
  assert.match(row.spoken, /native module is missing/);
  assert.equal(rows({ state: { phase: 'unavailable' } }).length, 1);
});

test('a memory that is shared says where it is, and why when it cannot be reached', () => {
  const shared = 's3://team/strata/shop-1';
  check({ state: { shared } }, [
    'Index | 1,204 files · 5,312 chunks · 12 MB | database | index.ready',
    'Shared | s3://team/strata/shop-1 | cloud | shared',
    KEYWORD,
  ]);
  const [, address, search] = rows({ state: { shared } });
  assert.match(
    address?.lines.map(({ text }) => text).join(' ') ?? '',
    /text of the indexed files is stored there/,
  );
  assert.doesNotMatch(search?.lines.map(({ text }) => text).join(' ') ?? '', /Nothing leaves this machine/);
  const problem = {
    message: `The shared memory at ${shared} does not answer.`,
    action: 'Check the network.',
  };
  const [index, gone, ...others] = rows({
    state: { phase: 'unavailable', files: 0, chunks: 0, shared, problem },
    notes: [note('Tabs, not spaces')],
  });
  assert.equal(index?.description, 'not available');
  assert.deepEqual([gone?.description, gone?.icon?.id, gone?.command], [problem.message, 'error', 'refresh']);
  assert.equal(gone?.lines[0]?.text, `${problem.message} ${problem.action}`);
  assert.deepEqual(
    others.map(({ label }) => label),
    ['Notes', 'Tabs, not spaces'],
  );
  assert.equal(nodes({ state: { phase: 'none', files: 0, chunks: 0, shared } }).length, 3);
});

test('search is called semantic only with an embedder, which says how far it is', () => {
  const embedder = { id: 'ollama/nomic-embed-text', dimension: 768, embedded: 400, total: 1000 };
  const search = (more: object): string => {
    const [, row] = rows({ state: { embedder: { ...embedder, ...more } } });
    return [row?.label, row?.description, row?.icon?.id, row?.context].join(' | ');
  };
  const label = 'Semantic search | ollama/nomic-embed-text';
  assert.equal(search({}), `${label} · 40 % embedded | sparkle | search.embedder`);
  assert.equal(search({ embedded: 1000 }), `${label} | sparkle | search.embedder`);
  const problem = { message: 'It does not answer.', action: 'Start it.' };
  assert.equal(search({ problem }), `${label} · It does not answer. | warning | search.embedder`);
});

test('notes say where they come from and whether they are proved; pinned ones stand first', () => {
  const notes = [
    note('By hand'),
    note('Of an agent', { by: 'agent', confirmed: false, runs: ['r-1'], times: 1 }),
    note('Seen often', { by: 'observed', runs: ['r-1', 'r-2'], times: 2 }),
    note('Hardly used', { by: 'observed', times: 3, fading: { since: '2026-11-01', why: 'unused' } }),
    note('Kept', { pinned: true }),
  ];
  assert.deepEqual(
    rows({ notes })
      .slice(3)
      .map(({ label, description, icon, context }) => [label, description, icon?.id, context].join(' | ')),
    [
      'Kept | pinned | pinned | note.pinned.confirmed',
      'By hand |  | note | note.loose.confirmed',
      'Of an agent | not confirmed · by an agent · 1 run | question | note.loose.unconfirmed',
      'Seen often | observed · 2 runs | note | note.loose.confirmed',
      'Hardly used | fading · observed · 3 runs | clock | note.loose.confirmed',
    ],
  );
});

test('earlier runs say how they ended and what the person thought; pinned ones stand first', () => {
  const episodes = [
    episode('r-5', { at: now - 60_000 }),
    episode('r-4', { outcome: 'failed', verdict: 'down', correction: 'Use the parser.' }),
    episode('r-3', { verdict: 'up', changes: 'applied', at: now - 50 * hour }),
    episode('r-2', { outcome: 'stopped', changes: 'discarded', at: now - 60 * 24 * hour }),
    episode('r-1', { pinned: true }),
  ];
  check({ episodes, hasMore: true }, [
    'Index | 1,204 files · 5,312 chunks · 12 MB | database | index.ready',
    KEYWORD,
    'Earlier Runs | newest 5 | history | episodes',
    'Task of r-1 | pinned · 2 h ago | pinned | episode.pinned.unrated',
    'Task of r-5 | 1 min ago | pass | episode.loose.unrated',
    'Task of r-4 | failed · rated not helpful · corrected · 2 h ago | thumbsdown | episode.loose.down',
    'Task of r-3 | rated helpful · applied · 2 d ago | thumbsup | episode.loose.up',
    'Task of r-2 | stopped · discarded · 2026-09-27 | circle-slash | episode.loose.unrated',
    'Show older runs… |  | ellipsis | ',
  ]);
});

test('a run is told whole in its tooltip and to a screen reader', () => {
  const one = episode('r-1', { failures: ['shell_run: exit code 1'], correction: 'Use the parser.' });
  const row = rows({ episodes: [one] })[3];
  const lines = row?.lines.map(({ text }) => text) ?? [];
  for (const text of ['You said: Use the parser.', 'Done.', 'Changed: src/a.ts', 'shell_run: exit code 1'])
    assert.ok(lines.includes(text), `${text} in ${lines.join('\n')}`);
  assert.equal(row?.spoken, 'succeeded: Task of r-1, agent coder, corrected, 2 h ago');
});

test('what texts of models and files hold neither breaks a row nor shows an icon', () => {
  const [, , , row] = rows({ episodes: [episode('r-1', { task: 'Fix $(error)\nand \u202emore' })] });
  assert.equal(row?.label, 'Fix \\$(error) and more');
});

test('a memory that cannot be read is a row that says so and tries again', () => {
  const error = new StrataError('memory-busy', 'It is busy.', 'Try again.');
  const row = rowOf({ type: 'trouble', folder: '/f', error }, now);
  assert.deepEqual(
    [row.label, row.spoken, row.command],
    ['It is busy.', 'It is busy. Try again.', 'refresh'],
  );
});

test('each row is known again after a refresh', () => {
  const ids = nodes({ notes: [note('a'), note('b')], episodes: [episode('r-1'), episode('r-2')] }).map(idOf);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(!ids.includes(undefined));
});

test('the status bar tells of one folder by its name, and of several by their number', () => {
  const index = (name: string, done: number, phase: IndexState['phase'] = 'indexing') => ({
    ...{ folder: `/${name}`, name },
    state: { ...ready, phase, progress: { done, total: 1000 } },
  });
  assert.equal(statusText([index('site', 430)]), 'Indexing site 43 %');
  assert.equal(statusText([index('site', 430, 'paused')]), 'Indexing site paused at 43 %');
  assert.equal(statusText([index('site', 400), index('lib', 600)]), 'Indexing 2 folders 50 %');
  assert.equal(progressText(index('site', 430)), 'site: 430 of 1,000 files');
});

test('a hit says its place, its first line, and why it was found', () => {
  const hit = {
    ...{ path: 'src/discounts.ts', startLine: 12, endLine: 40, symbol: 'applyDiscount', score: 3 },
    ...{ text: '\n{\n  export function applyDiscount(order) {', why: { words: ['discount', 'order'] } },
    alike: [{ path: 'src/b.ts', startLine: 1, endLine: 2 }],
  };
  assert.deepEqual(hitRow(hit), {
    label: 'applyDiscount',
    description: 'src/discounts.ts:12–40',
    detail: 'export function applyDiscount(order) { · has discount, order · one more like it',
  });
  assert.equal(
    hitRow({ path: 'docs/a.md', startLine: 3, endLine: 3, text: '#', score: 1 }).description,
    'docs/a.md:3',
  );
});

test('why something was found or recalled is told in words', () => {
  assert.deepEqual(reasonWords({ words: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }), [
    'has a, b, c, d, e, f and 2 more',
  ]);
  assert.deepEqual(reasonWords({ words: [], similarity: 0.824, query: 'price cut' }), [
    '82 % alike',
    'by “price cut”',
  ]);
  assert.deepEqual(
    recallWords({ words: ['parser'], files: ['src/a.ts'], verdict: 'corrected', pinned: true }),
    [...['has parser', 'changed src/a.ts', 'you corrected it', 'pinned']],
  );
  assert.deepEqual(recallWords(undefined), []);
});
