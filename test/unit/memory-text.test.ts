import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  derivedText,
  episodeText,
  fullTextQuery,
  splitWords,
} from '../../extension/src/core/memory/index.ts';

function words(text: string, expected: string): void {
  test(`words of ${JSON.stringify(text)}`, () => assert.equal(splitWords(text).join(' '), expected));
}
words('parseCookieHeader', 'parse cookie header');
words('HTTPServer getURLs XMLHttpRequest', 'http server get urls xml http request');
words('snake_case-kebab.dot::colon', 'snake case kebab dot colon');
words('sha256 utf8Decode v2', 'sha 256 utf 8 decode v 2');
words('größeBerechnen naïve', 'größe berechnen naïve');
words('検索機能', '検索 索機 機能');
words('x'.repeat(41), '');
words('\ud800 \u0000 🎉', '');

test('derived text says where, what it is called, and what it says', () => {
  assert.equal(
    derivedText('src/cart.ts', 'Cart.getTotal', 'return this.sum'),
    'src cart ts cart get total return sum',
  );
});

function query(text: string, expected: string | undefined): void {
  test(`query of ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(fullTextQuery(text), expected));
}
query('where are cookies parsed?', 'where wher cookies cooki parsed pars');
query('this and that', 'this thi and that');
query('"quoted" AND (a OR NOT b:c~2^3 *)', 'quoted quot b c 2 3');
query("'; DROP TABLE chunks; --", 'drop table tabl chunks chunk');
query('same Same SAME', 'same sam');
query('"\'()*-+&&||!{}[]^~?:\\/', undefined);
query('', undefined);

test('a query of 100 KB is bounded', () => {
  const text = Array.from(
    { length: 20_000 },
    (_, at) => `w${String.fromCharCode(97 + (at % 26), 97 + ((at / 26) % 26))}`,
  ).join(' ');
  const words = fullTextQuery(text)?.split(' ') ?? [];
  assert.ok(words.length <= 128);
  assert.equal(words[0], 'waa');
});

test('episodes are indexed by task, answer, files and failures', () => {
  const episode = {
    run: 'r',
    at: 1,
    agent: 'a',
    task: 'Fix cartTotal',
    outcome: 'completed',
    answer: 'Rounded.',
    files: ['src/cart.ts'],
    failures: ['shell: refused'],
  };
  assert.equal(episodeText(episode), 'fix cart total rounded src cart ts shell refused');
  assert.ok(episodeText({ ...episode, answer: 'word '.repeat(1_000_000) }).length < 50_000);
});
