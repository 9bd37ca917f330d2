import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutGraph, NODE_HEIGHT, NODE_WIDTH } from '../../../webview/src/flow/graph-layout.ts';
import type { GraphLayout } from '../../../webview/src/flow/graph-layout.ts';

/** `a>b b>c` as a graph; `a` alone is a node without an edge. */
function laidOut(text: string): GraphLayout {
  const edges = text
    .split(' ')
    .map((word) => word.split('>'))
    .flatMap(([from = '', to]) => (to === undefined ? [] : [{ from, to, label: '' }]));
  const ids = [...new Set(text.split(/[ >]/))];
  return layoutGraph({ nodes: ids.map((id) => ({ id })), edges });
}

/** The nodes of each layer, from the left to the right. */
function layers({ nodes }: GraphLayout): string {
  const rows = new Map<number, string[]>();
  for (const { id, y } of nodes) rows.set(y, [...(rows.get(y) ?? []), id]);
  return [...rows.values()].map((row) => row.join(' ')).join(' / ');
}

test('a node stands below all that lead to it', () => {
  assert.equal(layers(laidOut('a>b b>c')), 'a / b / c');
  assert.equal(layers(laidOut('a>b a>c b>d c>d')), 'a / b c / d');
  assert.equal(layers(laidOut('a>d a>b b>c c>d')), 'a / b / c / d');
  assert.equal(layers(laidOut('a')), 'a');
});

test('an edge that leads back changes no layer', () => {
  const graph = laidOut('a>b b>c c>b c>d');
  assert.equal(layers(graph), 'a / b / c / d');
  assert.deepEqual(
    graph.edges.filter(({ back }) => back).map(({ from, to }) => `${from}>${to}`),
    ['c>b'],
  );
  assert.equal(layers(laidOut('a>a')), 'a');
});

test('lines that need not cross do not', () => {
  assert.equal(layers(laidOut('r>a r>b a>y b>x')), 'r / a b / y x');
});

test('a node alone in its layer stands in the middle of those above', () => {
  const { nodes } = laidOut('a>b a>c b>d c>d');
  const x = (id: string): number => nodes.find((node) => node.id === id)?.x ?? Number.NaN;
  assert.equal(x('a'), x('d'));
  assert.ok(Math.abs((x('b') + x('c')) / 2 - x('a')) <= 1);
});

test('nothing touches and nothing is outside, in a graph of 49 nodes', () => {
  const words: string[] = [];
  for (let n = 1; n < 49; n += 1)
    words.push(`n${Math.floor((n * 7) / 10) % n}>n${n}`, `n${Math.floor(n / 3)}>n${n}`);
  const { nodes, width, height } = laidOut(words.join(' '));
  for (const [index, a] of nodes.entries()) {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + NODE_WIDTH <= width && a.y + NODE_HEIGHT <= height, a.id);
    for (const b of nodes.slice(index + 1))
      assert.ok(a.y !== b.y || Math.abs(a.x - b.x) >= NODE_WIDTH, `${a.id} ${b.id}`);
  }
});

test('a label has what there is room for, broken between words, and ends in dots beyond that', () => {
  const linesOf = (label: string, to = 'b') =>
    layoutGraph({ nodes: [{ id: 'a' }, { id: 'b' }], edges: [{ from: 'a', to, label }] }).edges[0]?.lines;
  assert.deepEqual(linesOf(''), []);
  assert.deepEqual(linesOf('else'), ['else']);
  assert.deepEqual(linesOf('review.answer contains "REWRITE"'), ['review.answer contains', '"REWRITE"']);
  assert.deepEqual(linesOf('review.answer contains "REWRITE"', 'a'), ['review.answer contains', '"REWRITE"']);
  assert.deepEqual(linesOf('x'.repeat(40)), ['x'.repeat(31), 'x'.repeat(9)]);
  const long = linesOf('tests.outcome is "failed" and mend.answer matches "^(retry|again) .*"') ?? [];
  assert.deepEqual(long, ['tests.outcome is "failed" and', 'mend.answer matches…']);
  for (const line of long) assert.ok(line.length * 6.4 <= NODE_WIDTH + 28);
});
