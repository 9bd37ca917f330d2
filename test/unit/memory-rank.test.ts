import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankHits, type Candidate, type Ranked } from '../../extension/src/core/memory/index.ts';

const row = (path: string, symbol: string, text: string, score: number): Candidate => ({
  ...{ id: `${path}#${symbol}`, content: `${symbol}#${text}`, path, symbol, kind: 'code', text, score },
  places: [{ startLine: 1, endLine: 2 }],
});

const rank = (query: string, candidates: readonly Candidate[], others: Partial<Ranked> = {}): string[] =>
  hits(query, candidates, others).map(({ path }) => path);

function hits(query: string, candidates: readonly Candidate[], others: Partial<Ranked> = {}) {
  const lists = [{ query, weight: 1, candidates }];
  return rankHits({ query, lists, nearest: [], nearestWeight: 0, limit: 10, ...others });
}

test('a name made of the words of the query outweighs a little more text', () => {
  const found = [
    row('a.ts', 'applyProps', 'a value is a plain object', 10),
    row('b.ts', 'is.isPlainObject', 'return x', 9),
  ];
  assert.deepEqual(rank('Determine if a value is a plain object', found), ['b.ts', 'a.ts']);
});

test('equals come in the order of their paths, whatever the order of the rows', () => {
  const found = [row('b.ts', 'b', 'one', 5), row('a.ts', 'a', 'other', 5.000_001)];
  assert.deepEqual(rank('nothing', found), ['a.ts', 'b.ts']);
  assert.deepEqual(rank('nothing', found.toReversed()), ['a.ts', 'b.ts']);
});

test('the same text, and nearly the same, is one hit with the other places', () => {
  const text = Array.from({ length: 60 }, (_, at) => `step${String.fromCharCode(97 + (at % 26))} call`).join(
    '\n',
  );
  const found = [
    row('cjs/a.js', 'run', text, 3),
    row('esm/a.js', 'run', text, 2),
    row('umd/a.js', 'run', `${text}\nexports.run = run`, 1),
    row('b.js', 'walk', 'something else altogether', 0.5),
  ];
  const [first, second] = hits('step', found);
  assert.deepEqual(
    first?.alike?.map(({ path }) => path),
    ['esm/a.js', 'umd/a.js'],
  );
  assert.equal(second?.path, 'b.js');
});

test('a vector leg of low weight moves what is close, and not what is clear', () => {
  const found = [row('a.ts', 'a', 'x', 10), row('b.ts', 'b', 'y', 9.5), row('c.ts', 'c', 'z', 2)];
  const nearest = [row('c.ts', 'c', 'z', 0.9), row('b.ts', 'b', 'y', 0.8), row('d.ts', 'd', 'w', 0.1)];
  assert.deepEqual(rank('q', found, { nearest, nearestWeight: 0.3 }), ['b.ts', 'a.ts', 'c.ts', 'd.ts']);
});

test('reasons: the words as they were written, the similarity, the query that found it', () => {
  const found = [row('src/cookies.ts', 'parseCookie', 'return jar', 1)];
  const nearest = [row('src/cookies.ts', 'parseCookie', 'return jar', 0.7)];
  const [hit] = hits('where are Cookies parsed?', found, { nearest, nearestWeight: 0.3 });
  assert.deepEqual(hit?.why, { words: ['Cookies', 'parsed'], similarity: 0.7 });
  const lists = [
    { query: 'biscuits', weight: 1, candidates: [] },
    { query: 'parse cookie', weight: 0.3, candidates: found },
  ];
  assert.equal(hits('biscuits', [], { lists })[0]?.why?.query, 'parse cookie');
});

test('nothing found is no hit', () => assert.deepEqual(rank('q', []), []));
