import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  estimateMessage,
  estimateText,
  estimateTools,
} from '../../extension/src/core/memory/working/index.ts';

const code = `export function listAt(changed: ChangedFiles, depth: number): string {
  const groups = new Map<string, { files: number }>();
  for (const [path, by] of changed) {
    const parts = path.split('/');
    const name = parts.length <= depth ? path : parts.slice(0, depth).join('/');
    groups.set(name, { files: (groups.get(name)?.files ?? 0) + 1 });
  }
  return [...groups].map(([name, { files }]) => \`- \${name}: \${files}\`).join('\\n');
}
`;
const prose = `A run is a sequence of typed events, appended to a local file before anything else may see them. Every other thing is a
projection of that log: a resume folds the log and continues after the last finished step, a trace shows the events as
spans, and a replay runs the same program again, with each effect answered from what was recorded the first time.
`;
const json = JSON.stringify({
  name: 'files_read',
  description: 'Reads a file of the workspace.',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' }, from: { type: 'integer', minimum: 1 }, to: { type: 'integer' } },
    required: ['path'],
    additionalProperties: false,
  },
});
const log = [
  '✔ parses an empty file (1.24 ms)',
  '✖ keeps the last line (13.70 ms)',
  '    at Object.<anonymous> (/workspace/src/lib/lines.ts:42:17)',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
  'Tests: 1 failed, 128 passed, 129 total',
].join('\n');
const chinese =
  '这个工具读取工作区中的文件并总结结果。如果发生错误，请显示原因和解决方法。所有更改都会被记录下来。';
const japanese = 'このツールはワークスペースのファイルを読み取り、結果を要約します。';

/** Counted with OpenAI's vocabularies o200k_base and cl100k_base; `off` is how far from their nearer one the estimate may be. */
const check = (name: string, text: string, counted: readonly [number, number], off: number) => {
  test(`${name} is estimated within ${off * 100} %`, () => {
    const estimate = estimateText(text);
    const errors = counted.map((count) => estimate / count - 1);
    const nearest = errors.reduce((a, b) => (Math.abs(a) < Math.abs(b) ? a : b));
    assert.ok(Math.abs(nearest) <= off, `${estimate} tokens, counted ${counted.join(' and ')}`);
  });
};

check('English', prose, [76, 76], 0.15);
check('code', code, [121, 120], 0.15);
check('JSON', json, [58, 57], 0.15);
check('output of a test run', log, [75, 74], 0.15);
check('Chinese', chinese, [28, 42], 0.15);
check('Japanese', japanese, [21, 32], 0.15);

test('nothing is no token, and a tool catalogue counts as its JSON', () => {
  assert.equal(estimateText(''), 0);
  assert.equal(estimateTools([]), 0);
  const tool = { name: 'a', description: 'b', inputSchema: { type: 'object' } };
  assert.equal(estimateTools([tool]), estimateText(JSON.stringify([tool])));
});

test('a picture counts by its kind and not by its length, a call by its arguments', () => {
  const picture = (data: string) =>
    estimateMessage({ role: 'user', content: [{ type: 'image', mimeType: 'image/png', data }] });
  assert.equal(picture('A'.repeat(100_000)), picture('A'));
  const call = (text: string) =>
    estimateMessage({
      role: 'assistant',
      content: [{ type: 'tool-call', callId: '1', tool: 'files_write', arguments: { text } }],
    });
  assert.ok(call(prose) - call('') > estimateText(prose) * 0.9);
});
