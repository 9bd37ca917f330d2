import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../extension/src/base/json.ts';
import { canonicalJson } from '../../extension/src/base/json.ts';
import { isStrataError } from '../../extension/src/base/errors.ts';
import {
  readRecording,
  suggestName,
  writeRecording,
} from '../../extension/src/core/orchestration/recording/index.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import { fromPayload } from '../../extension/src/core/orchestration/payload.ts';
import { RecordedRun } from '../support/recorded-run.ts';

function recordingOf(output: Json, messages: readonly Message[] = []): string {
  const run = new RecordedRun('r-1', Date.UTC(2026, 0, 1)).start('Do it');
  run.begin('1', 'chat', 'code', run.chatInput(messages, []).input).finish('1', 5, output);
  run.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: 'ok' } });
  return writeRecording(run, 'r-1');
}

function outputIn(text: string): Json {
  const { log } = readRecording(text, 'x.strata-run');
  const finished = log.read('r-1').find(({ type }) => type === 'step.finished');
  assert.ok(finished?.type === 'step.finished');
  return fromPayload(log, finished.output);
}

const VALUES: readonly Json[] = [
  '',
  'yes',
  '1.0',
  'null',
  '~',
  '- not a list',
  '# no comment',
  'key: value',
  '@at `tick` %percent !bang &and *star',
  ' leading and trailing ',
  'one\ntwo\n',
  'one\n\n\n',
  '\n\none',
  '  indented\n first',
  'trailing \nspaces\t\n',
  '\ttab\n\ttab',
  'windows\r\nlines\r',
  '\u0000\u0007\u001b[31mred\u001b[0m',
  'bidi \u202e and \u2028 separators \u2029 and \u0085 and \ufeff',
  'half a pair \ud800 and \udc00',
  'an emoji 😀 and ünïcödé',
  '---\n...\n---',
  `${'long '.repeat(500)}\n${'x'.repeat(5000)}`,
  { '': 1, __proto__x: 2, 'a: b': 3, '- c': 4, null: 5, true: 6, '1': 7, '<<': 8, 'multi\nline': 9 },
  JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as Json,
  [[], {}, [[]], [{}], null, true, false, 0, -1.5, 1e21, 1e-7, 12345678901234567890],
  { is: 'c1' },
];

for (const value of VALUES) {
  test(`reads back what was written: ${JSON.stringify(value).slice(0, 60)}`, () => {
    const output = { value, deep: [{ value }] };
    // Through UTF-8, as a file goes.
    const text = Buffer.from(recordingOf(output), 'utf8').toString('utf8');
    assert.equal(canonicalJson(outputIn(text)), canonicalJson(output));
    // Through an editor that takes spaces off the ends of lines.
    assert.equal(
      canonicalJson(outputIn(text.replace(/[ \t]+(?=[\n\u0085\u2028\u2029])/g, ''))),
      canonicalJson(output),
    );
    // Through a checkout with the line ends of Windows.
    assert.equal(canonicalJson(outputIn(text.replaceAll('\n', '\r\n'))), canonicalJson(output));
  });
}

test('texts of several lines stand there line by line', () => {
  assert.match(recordingOf({ text: 'first\n  second' }), /text: \|-\n\s+first\n\s+second\n/);
});

test('the ids of conversations are made again from what stands in the file', () => {
  const messages: readonly Message[] = [{ role: 'system', text: 'Be brief.' }];
  const text = recordingOf('x', messages);
  const hashIn = (recording: string): string | undefined => {
    const started = readRecording(recording, 'x')
      .log.read('r-1')
      .find(({ type }) => type === 'step.started');
    return started?.type === 'step.started' ? started.inputHash : undefined;
  };
  assert.notEqual(hashIn(text), hashIn(text.replace('Be brief.', 'Be long.')));
});

/** Each damage, with the one message that it gives. */
const DAMAGES: readonly (readonly [string, (text: string) => string, RegExp])[] = [
  ['is empty', () => '', /^x.strata-run:1: /],
  ['is no YAML', (text) => text.replace('runs:', 'runs: ]'), /^x.strata-run:\d+: /],
  ['is something else', () => 'name: other\n', /^x.strata-run:1: .*strata-run/],
  [
    'is of a later format',
    (text) => text.replace('strata-run: 1', 'strata-run: 2'),
    /format 2 of recordings/,
  ],
  [
    'has a run without events',
    (text) => text.replace(/events:[\s\S]*?\nconv/, 'events: []\nconv'),
    /^x.strata-run:\d+: runs.0.events/,
  ],
  [
    'has an event of no kind',
    (text) => text.replace('step.finished', 'step.vanished'),
    /^x.strata-run:\d+: type: /,
  ],
  [
    'has a step without a kind',
    (text) => text.replace('kind: chat', 'kind: chatter'),
    /^x.strata-run:\d+: kind: /,
  ],
  [
    'names a conversation that is not there',
    (text) => text.replace('is: c1', 'is: c9'),
    /there is no “c9” in this file/,
  ],
  [
    'ends a step that was not begun',
    (text) => text.replace(/- type: step.started[\s\S]*?(?=\n {6}- )/, ''),
    /^x.strata-run:\d+: /,
  ],
  [
    'has no head',
    (text) => text.replace('type: run.started', 'type: run.resumed\n        owner: me'),
    /:\d+: a run begins with run.started/,
  ],
  [
    'has a time that is none',
    (text) => text.replace(/began: .*/, 'began: yesterday'),
    /^x.strata-run:\d+: runs.0.began/,
  ],
  [
    'has a key twice',
    (text) => text.replace('    began:', '    run: again\n    began:'),
    /^x.strata-run:\d+: run: stands here twice/,
  ],
];

for (const [what, damage, expected] of DAMAGES) {
  test(`a file that ${what} is one clear error with its line`, () => {
    const text = recordingOf('x', [{ role: 'system', text: 'Be brief.' }]);
    const damaged = damage(text);
    assert.notEqual(damaged, text);
    assert.throws(
      () => readRecording(damaged, 'x.strata-run'),
      (error: unknown) =>
        isStrataError(error) && expected.test(error.message) && /^recording-/.test(error.code),
    );
  });
}

test('the line of a mistake is the line of the mistake', () => {
  const text = recordingOf('x');
  const damaged = text.replace('effect: read', 'effect: none');
  const line = damaged.split('\n').findIndex((one) => one.includes('effect: none')) + 1;
  assert.throws(() => readRecording(damaged, 'x'), { message: new RegExp(`^x:${line}: effect: `) });
});

test('a name is suggested from the task', () => {
  assert.equal(suggestName('Fix the failing test!'), 'fix-the-failing-test');
  assert.equal(suggestName('Größe der 日本 files/../x'), 'größe-der-日本-files-x');
  assert.equal(suggestName('…'), 'run');
  assert.ok(suggestName('word '.repeat(100)).length <= 40);
});
