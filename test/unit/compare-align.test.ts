import assert from 'node:assert/strict';
import { test } from 'node:test';
import { align } from '../../extension/src/core/orchestration/compare/align.ts';

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
  const shown = align(items(left), items(right)).map((place) => {
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

test('runs too long for a whole table are aligned in a band around its diagonal', () => {
  const long = Array.from({ length: 30_000 }, (_, index) => `tool.read.${index}`);
  const other = long.map((word, index) => (index % 10 === 0 ? `${word}x` : word));
  const numbers = new Map([...new Set([...long, ...other])].map((word, index) => [word, index + 2]));
  const items = (words: readonly string[]) =>
    words.map((word) => ({ kind: 0, name: 1, whole: numbers.get(word) ?? 0 }));
  const places = align(items(long), items(other));
  assert.equal(places.length, 30_000);
  assert.ok(places.every(({ a, b }) => a === b));
});
