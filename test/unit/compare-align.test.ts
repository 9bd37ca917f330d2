import assert from 'node:assert/strict';
import { test } from 'node:test';
import { align } from '../../extension/src/core/orchestration/compare/align.ts';
import type { Item } from '../../extension/src/core/orchestration/compare/align.ts';
import { finish } from '../../extension/src/core/orchestration/compare/parts.ts';

/** Items are words such as `tool.read.a`: kind, name and the rest. Returns `a=a`, `a~b`, `-a`, `+b` in order. */
function check(a: string, b: string, expected: string): void {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    if (!numbers.has(text)) numbers.set(text, numbers.size);
    return numbers.get(text) ?? 0;
  };
  const items = (words: readonly string[]) =>
    words.map((word) => {
      const [kind = '', name = ''] = word.split('.');
      return { kind: numberOf(kind), name: numberOf(`${kind}.${name}`), whole: numberOf(word) };
    });
  const [left, right] = [a.split(' ').filter(Boolean), b.split(' ').filter(Boolean)];
  const shown = finish(align(items(left), items(right))).map((place) => {
    const [one, other] = [left[place.a ?? -1], right[place.b ?? -1]];
    if (one === undefined) return `+${other}`;
    if (other === undefined) return `-${one}`;
    return one === other ? one : `${one}~${other}`;
  });
  assert.equal(shown.join(' '), expected);
}

test('what is the same is paired', () => {
  check('', '', '');
  check('chat.m.1 tool.read.x', 'chat.m.1 tool.read.x', 'chat.m.1 tool.read.x');
});

test('what one of them lacks is left out, wherever it stands', () => {
  check('tool.a.1 tool.b.1', 'tool.a.1 chat.m.1 tool.b.1', 'tool.a.1 +chat.m.1 tool.b.1');
  check('chat.m.1 tool.a.1', 'tool.a.1', '-chat.m.1 tool.a.1');
  check('', 'tool.a.1 tool.b.1', '+tool.a.1 +tool.b.1');
});

test('the same call with other arguments is a changed one', () => {
  check(
    'chat.m.1 tool.read.x chat.m.2',
    'chat.m.1 tool.read.y chat.m.2',
    'chat.m.1 tool.read.x~tool.read.y chat.m.2',
  );
});

test('another tool stands in the place of the one', () => {
  check(
    'chat.m.1 tool.run.x chat.m.2',
    'chat.m.1 tool.edit.x chat.m.2',
    'chat.m.1 tool.run.x~tool.edit.x chat.m.2',
  );
});

test('steps of another kind are never a pair', () => {
  check('tool.a.1', 'chat.a.1', '-tool.a.1 +chat.a.1');
});

test('an equal step further on is worth leaving out what is before it', () => {
  check(
    'tool.read.a tool.read.b tool.read.README tool.read.c',
    'tool.read.x tool.read.y tool.read.z tool.read.README',
    'tool.read.a~tool.read.x tool.read.b~tool.read.y +tool.read.z tool.read.README -tool.read.c',
  );
});

/** What the cheapest alignment costs, from the whole table. */
function cheapest(a: readonly Item[], b: readonly Item[]): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => 4 * column);
  for (const [row, item] of a.entries()) {
    const here = [4 * (row + 1)];
    for (const [column, other] of b.entries()) {
      const [across = 0, up = 0, left = 0] = [above[column], above[column + 1], here[column]];
      here.push(Math.min(across + costOf(item, other), up + 4, left + 4));
    }
    above = here;
  }
  return above.at(-1) ?? 0;
}

function costOf(a: Item, b: Item): number {
  return a.whole === b.whole ? 0 : a.name === b.name ? 6 : a.kind === b.kind ? 7 : Infinity;
}

test('no alignment is cheaper, however far one of them is ahead', () => {
  let state = 7;
  const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  const item = (whole: number): Item => ({ kind: whole % 2, name: whole % 6, whole });
  const sizes = [
    [150, 0, 10],
    [150, 40, 10],
    [200, 100, 30],
    [300, 20, 200],
    [120, 0, 120],
  ] as const;
  for (const [length, ahead, edits] of sizes) {
    const a = Array.from({ length }, () => item(random(600)));
    const b = [...a.slice(ahead), ...Array.from({ length: random(30) + ahead }, () => item(random(600)))];
    for (let edit = 0; edit < edits; edit += 1) b[random(b.length)] = item(random(600));
    const places = finish(align(a, b));
    const cost = places.reduce((sum, place) => {
      const [one, other] = [a[place.a ?? -1], b[place.b ?? -1]];
      return sum + (one && other ? costOf(one, other) : 4);
    }, 0);
    assert.equal(cost, cheapest(a, b));
    const taken = (side: 'a' | 'b') => places.flatMap((place) => place[side] ?? []);
    assert.deepEqual([taken('a'), taken('b')], [[...a.keys()], [...b.keys()]]);
  }
});

test('of two long runs that are much alike only what is near the diagonal is looked at', () => {
  const item = (whole: number): Item => ({ kind: 0, name: 0, whole });
  const a = Array.from({ length: 4000 }, (_, index) => item(index));
  const b = a.map((one, index) => (index % 200 === 0 ? item(10_000 + index) : one));
  let looks = 0;
  const counted = a.map((one) => ({
    ...one,
    get whole() {
      looks += 1;
      return one.whole;
    },
  }));
  finish(align(counted, b));
  assert.ok(looks < 4000 * 200, String(looks));
});

test('runs too long for a whole table are aligned in a band around its diagonal', () => {
  const long = Array.from({ length: 30_000 }, (_, index) => `tool.read.${index}`);
  const other = long.map((word, index) => (index % 10 === 0 ? `${word}x` : word));
  const numbers = new Map([...new Set([...long, ...other])].map((word, index) => [word, index + 2]));
  const items = (words: readonly string[]) =>
    words.map((word) => ({ kind: 0, name: 1, whole: numbers.get(word) ?? 0 }));
  const places = finish(align(items(long), items(other)));
  assert.equal(places.length, 30_000);
  assert.ok(places.every(({ a, b }) => a === b));
});
