import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQuery, type ReadQuery } from '../../extension/src/vscode/memory/search/read-query.ts';

const now = Date.UTC(2026, 10, 26, 12);
const day = 86_400_000;

function check(typed: string, expected: Partial<ReadQuery>): void {
  assert.deepEqual(readQuery(typed, now), { words: '', unknown: [], ...expected });
}

test('words alone limit nothing', () => {
  check('  discount   threshold ', { words: 'discount threshold' });
  check('', {});
});

test('a language is known by its name and by its ending', () => {
  check('retry lang:ts', { words: 'retry', filter: { languages: ['typescript'] } });
  check('LANG:Python retry', { words: 'retry', filter: { languages: ['python'] } });
  check('language:rs,go retry', { words: 'retry', filter: { languages: ['rust', 'go'] } });
});

test('paths are relative, may be several, and stand in quotes where they have blanks', () => {
  check('retry path:src path:./test', { words: 'retry', filter: { paths: ['src', 'test'] } });
  check('retry in:/docs/**', { words: 'retry', filter: { paths: ['docs/**'] } });
  check('path:"my notes/a b" retry', { words: 'retry', filter: { paths: ['my notes/a b'] } });
});

test('kinds are those that there are; another one is said to be unknown', () => {
  check('retry kind:docs,Code', { words: 'retry', filter: { kinds: ['docs', 'code'] } });
  check('retry kind:poem', { words: 'retry', unknown: ['kind:poem'] });
});

test('a time is a while ago or a day', () => {
  check('retry since:7d', { words: 'retry', filter: { changedSince: now - 7 * day } });
  check('retry since:12H', { words: 'retry', filter: { changedSince: now - day / 2 } });
  check('retry since:2w', { words: 'retry', filter: { changedSince: now - 14 * day } });
  check('retry since:2026-11-01', { words: 'retry', filter: { changedSince: Date.UTC(2026, 10, 1) } });
  check('retry since:yesterday', { words: 'retry', unknown: ['since:yesterday'] });
  check('retry since:2026-13-77', { words: 'retry', unknown: ['since:2026-13-77'] });
});

test('what only looks like a prefix stays a word', () => {
  check('std::path:join', { words: 'std::path:join' });
  check('https://example.com/?kind:docs', { words: 'https://example.com/?kind:docs' });
  check('size:10 lang:', { words: 'size:10 lang:' });
});

test('a prefix that is being typed limits nothing yet', () => {
  check('retry path:', { words: 'retry path:' });
  check('retry path:""', { words: 'retry' });
  check('retry kind:,', { words: 'retry' });
});
