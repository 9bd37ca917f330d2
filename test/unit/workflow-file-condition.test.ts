import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeHolds, readCondition } from '../../extension/src/core/orchestration/workflow/condition.ts';
import { compilePattern } from '../../extension/src/core/orchestration/workflow/condition-pattern.ts';
import { parseDuration } from '../../extension/src/core/orchestration/workflow/duration.ts';

const results = new Map([
  ['review', { answer: 'APPROVED\nNothing to add.\n', outcome: 'succeeded' as const }],
  ['tests', { answer: 'It broke.', outcome: 'failed' as const }],
]);

function holds(text: string, expected: boolean): void {
  test(`${text} ${expected ? 'holds' : 'does not hold'}`, () => {
    const read = readCondition(text);
    assert.ok(read.ok, read.ok ? '' : read.problem);
    assert.equal(edgeHolds(read.condition, results), expected);
  });
}

function refuses(text: string, word: string, problem: RegExp): void {
  test(`${text} is refused`, () => {
    const read = readCondition(text);
    assert.ok(!read.ok);
    assert.equal(read.word, word);
    assert.match(read.problem, problem);
  });
}

holds('review.answer contains "APPROVED"', true);
holds('not review.answer contains "APPROVED"', false);
holds("review.answer contains 'approved'", false);
holds('review.answer matches /^approved$/i', true);
holds('review.answer matches /^Nothing/', true);
holds('tests.answer is "It broke."', true);
holds('tests.outcome is "failed"', true);
holds('not tests.outcome is "succeeded"', true);
holds('skipped.answer contains "x"', false);
holds('not skipped.answer contains "x"', true);

refuses('review contains "x"', 'review contains "x"', /must be such as/);
refuses('review.text contains "x"', 'text', /answer or outcome/);
refuses('review.answer has "x"', 'has', /contains, is or matches/);
refuses('review.answer contains x', 'x', /in quotes/);
refuses('tests.outcome is "broken"', '"broken"', /"succeeded" or "failed"/);
refuses('review.answer matches "x"', '"x"', /between slashes/);
refuses('review.answer matches /(a/', '/(a/', /no regular expression/);
refuses('review.answer matches /(a)\\1/', '/(a)\\1/', /refer to a group/);
refuses('review.answer matches /(?=a)/', '/(?=a)/', /look around/);

test('an edge without a condition is taken', () => assert.equal(edgeHolds(undefined, results), true));

test('patterns say what JavaScript’s say', () => {
  const patterns =
    'a a*b (a|b)*c ^x$ a{2,3} a{2} a{2,}b [a-c]+d \\d+ \\bfoo\\b ^- (?:ab)+ a| x?y .*z [^\\n]*! \\. a.b (a+)+b \\{x\\} [\\]] a+?b \\Boo ^$ (|a)b \\x41 { a{,2} () (a*)*b \\/';
  const texts = [
    '',
    'a',
    'aab',
    'abcabc',
    'x\nxx\nx',
    'aaaa',
    'foo bar',
    'food',
    '- item',
    'line\n- x',
    '12',
    'z\nz',
    '!',
    'a.b',
    'A',
    '{x}',
    ']',
    'cd',
    'oo foo',
    '{',
    'a{,2}',
    '/',
    'AB',
  ];
  for (const pattern of patterns.split(' '))
    for (const text of texts)
      for (const ignoreCase of [false, true]) {
        const expected = new RegExp(pattern, ignoreCase ? 'im' : 'm').test(text);
        const actual = compilePattern(pattern, ignoreCase).test(text);
        assert.equal(actual, expected, `/${pattern}/ on ${JSON.stringify(text)}`);
      }
});

test('a pattern that keeps JavaScript busy for ever is done with in one pass', () => {
  const { test: fits } = compilePattern('^(a+)+$', false);
  assert.equal(fits(`${'a'.repeat(20_000)}b`), false);
});

test('a pattern has its limits', () => {
  assert.throws(() => compilePattern('a'.repeat(201), false), /200 characters/);
  assert.throws(() => compilePattern('((a{99}){99}){99}', false), /repeats too much/);
});

test('times', () => {
  const said = ['90s', '10m', '1h30m', '1h 30m', '250ms', '1.5h', '', '10', 'm', '0s', '10 minutes'];
  assert.deepEqual(said.map(parseDuration), [
    90_000,
    600_000,
    5_400_000,
    5_400_000,
    250,
    5_400_000,
    ...Array<undefined>(5).fill(undefined),
  ]);
});
