import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { RunEvent, RunEventBody } from '../../../extension/src/protocol/run-event.ts';
import type { RunsNode } from '../../../extension/src/vscode/run-nodes.ts';
import { RunsTree } from '../../../extension/src/vscode/runs-tree.ts';
import { strata } from './strata.ts';

const TODAY = new Date().setHours(0, 0, 0, 0);
const YESTERDAY = new Date(TODAY - 1).setHours(0, 0, 0, 0);
const RUNS = 250;

/** Most of them are of yesterday; each fiftieth has failed and changed a file. */
function eventsOf(number: number): RunEvent[] {
  const run = `r-${String(number).padStart(16, '0')}`;
  const [at, fails] = [(number < 5 ? TODAY : YESTERDAY) + number, number % 50 === 0];
  const paths = ['src/till.ts'];
  const bodies: readonly RunEventBody[] = [
    {
      ...{
        type: 'run.started',
        origin: { kind: 'user' },
        agent: fails ? 'fixer' : 'coder',
        task: `Task ${number}`,
      },
      ...{ folder: '/w', route: 'code', isolation: 'copy', input: { inline: 1 }, strata: 'test' },
    },
    {
      ...{ type: 'step.finished', step: '1', output: { inline: 1 }, durationMs: 1 },
      ...(fails ? { files: { before: 'a', after: 'b', paths } } : {}),
    },
    { type: 'run.finished', outcome: fails ? 'failed' : 'succeeded' },
  ];
  return bodies.map((body, index): RunEvent => ({ v: 4, run, seq: index + 1, at, ...body }));
}

describe('the view of the runs', () => {
  let folder = '';
  let store: RunStore;
  let tree: RunsTree;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'strata-runs-view-'));
    store = openRunStore(path.join(folder, 'runs.db'), Date.now);
    const events = Array.from({ length: RUNS }, (_, number) => eventsOf(number)).flat();
    store.importRun({ events, blobs: new Map() });
    const runs = {
      ...{ folder, name: 'w', groups: store.groups, view: () => undefined, payload: () => null },
      list: (limit: number, filter = {}) => store.list({ limit, filter }),
    };
    tree = new RunsTree(
      () => Promise.resolve({ folders: [runs], troubles: [] }),
      () => false,
      {
        ...{ grouping: 'day', filter: {} },
      },
    );
  });
  after(async () => {
    tree.dispose();
    store.dispose();
    await rm(folder, { recursive: true });
  });

  const labels = (nodes: readonly RunsNode[]): string[] =>
    nodes.map((node) => {
      const { label, description } = tree.getTreeItem(node);
      assert.ok(typeof label === 'string');
      return node.type === 'group' ? `${label}: ${String(description)}` : label;
    });
  const rows = async (group?: number): Promise<RunsNode[]> => {
    const roots = await tree.getChildren();
    return group === undefined ? roots : tree.getChildren(roots[group]);
  };

  it('puts them together by day, agent or state, or in one list', async () => {
    assert.deepEqual(labels(await rows()), ['Today: 5', 'Yesterday: 245']);
    tree.show({ grouping: 'agent', filter: {} });
    assert.deepEqual(labels(await rows()), ['coder: 245', 'fixer: 5']);
    tree.show({ grouping: 'status', filter: {} });
    assert.deepEqual(labels(await rows()), ['Failed: 5', 'Succeeded: 245']);
    tree.show({ grouping: 'none', filter: {} });
    assert.equal(labels(await rows())[0], 'Task 4');
  });

  it('shows a page of a list, and one more when it is asked to', async () => {
    tree.show({ grouping: 'day', filter: {} });
    const first = await rows(1);
    assert.equal(first.length, 101);
    const more = first.at(-1);
    assert.ok(more?.type === 'more');
    assert.equal(tree.getTreeItem(more).command?.command, 'strata.showMoreRuns');
    tree.more(more.list);
    tree.more(more.list);
    const all = labels(await rows(1));
    assert.deepEqual([all.length, all[0], all.at(-1)], [245, 'Task 249', 'Task 5']);
    assert.equal((await rows(0)).length, 5);
  });

  it('shows only those that fit, in each group, and all again', async () => {
    tree.show({ grouping: 'day', filter: { status: ['failed'], text: 'TILL' } });
    assert.deepEqual(labels(await rows()), ['Today: 1', 'Yesterday: 4']);
    const [run] = await rows(0);
    assert.ok(run);
    const { description, contextValue } = tree.getTreeItem(run);
    assert.match(String(description), /fixer · failed .* 1 file$/);
    assert.equal(contextValue, 'run.failed.changes');
    tree.show({ grouping: 'day', filter: { text: 'no such words' } });
    assert.deepEqual(await rows(), []);
    tree.show({ grouping: 'day', filter: {} });
    assert.equal((await rows()).length, 2);
  });

  it('has its commands in the editor', async () => {
    await strata();
    const known = await vscode.commands.getCommands(true);
    for (const command of ['filterRuns', 'clearRunFilter', 'groupRuns', 'showMoreRuns'])
      assert.ok(known.includes(`strata.${command}`), command);
    await vscode.commands.executeCommand('strata.clearRunFilter');
  });
});
