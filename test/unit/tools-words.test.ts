import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerState } from '../../extension/src/core/tools/index.ts';
import { DEFAULT_SANDBOX } from '../../extension/src/core/tools/index.ts';
import { listLine, dialogText } from '../../extension/src/vscode/plain-labels.ts';
import { placeIn } from '../../extension/src/vscode/place-in.ts';
import { resultFiles, type ShownCall } from '../../extension/src/vscode/tools/result-text.ts';
import {
  allowance,
  effectWords,
  ownName,
  serverDescription,
  serverSpoken,
} from '../../extension/src/vscode/tools/words.ts';

const state: ServerState = {
  definition: {
    name: 'memory',
    origin: 'workspace',
    source: { kind: 'npm', package: 'a', arguments: [] },
    sandbox: DEFAULT_SANDBOX,
    enabled: true,
    trusted: false,
  },
  status: 'ready',
  tools: [
    { name: 'memory_read', server: 'memory', effect: 'change', description: 'Reads.', inputSchema: {} },
  ],
  heldBack: [{ name: 'memory_x', reason: 'it changed' }],
  looser: ['It may reach api.github.com.', 'It may use 2 GB of memory.'],
  tokens: 120,
};

test('a server is described by its state, its tools and what it may have', () => {
  assert.equal(serverDescription(state), 'ready · 1 tool · 1 held back');
  assert.equal(serverDescription({ ...state, status: 'not-set-up', heldBack: [] }), 'not set up');
  assert.equal(
    serverSpoken(state),
    'server memory, ready · 1 tool · 1 held back, may: reach api.github.com; use 2 GB of memory',
  );
  assert.match(serverSpoken({ ...state, problem: { code: 'x', message: 'It died.' } }), /It died\./);
});

test('what a server may have stands after "May:"', () => {
  assert.equal(allowance('It may reach api.github.com.'), 'reach api.github.com');
  assert.equal(allowance('Reaches api.github.com'), 'reaches api.github.com');
});

test('hints of servers are told as hints', () => {
  assert.match(effectWords({ effect: 'change', annotations: { readOnlyHint: true } }), /not relied on/);
  assert.match(effectWords({ effect: 'change' }), /you are asked/);
  assert.equal(effectWords({ effect: 'read' }), 'Only reads.');
});

test('a tool stands below its server without its name', () => {
  assert.equal(ownName('memory', 'memory_read'), 'read');
  assert.equal(ownName('mem', 'memory_read'), 'memory_read');
});

test('a message about a file leads to its place', () => {
  assert.deepEqual(placeIn('.strata/tools.jsonc:3:5: it is wrong.'), {
    file: '.strata/tools.jsonc',
    line: 3,
    column: 5,
    words: 'it is wrong.',
  });
  assert.equal(placeIn('Docker does not answer at 127.0.0.1:2375.'), undefined);
});

test('a text of a server controls nothing where it is shown', () => {
  assert.equal(listLine('a\n$(trash) \u001b[31mred\u202e'), 'a \\$(trash) red');
  assert.equal(listLine('costs $(5)'), 'costs \\$(5)');
  assert.equal(dialogText('a\u0000\r\nb'), 'a\nb');
  assert.equal(dialogText('x'.repeat(10), 4), 'xxx…');
});

function shown(result: ShownCall['result'], given: ShownCall['arguments'] = {}): string {
  const [text] = resultFiles({ tool: 'a_b', arguments: given, run: 'r-1', result, ms: 1200 });
  return new TextDecoder().decode(text?.content);
}

test('a result is a document that its content cannot break out of', () => {
  const text = shown({ content: [{ type: 'text', text: '```\n# Not a heading\n```' }], isError: false });
  assert.equal(
    text,
    '# a_b\n\nIt answered after 1.2 s, run `r-1`.\n\n## Result\n\n````text\n```\n# Not a heading\n```\n````\n',
  );
  assert.match(shown({ content: [], isError: true }), /It failed[\s\S]*Nothing\./);
  assert.match(shown({ content: [], isError: false }, { a: 1 }), /## Arguments\n\n```json\n\{\n {2}"a": 1/);
});

test('JSON is laid out, and data that says the same is shown once', () => {
  const text = shown({
    content: [{ type: 'text', text: '{"a":1}' }],
    isError: false,
    structured: { a: 1 },
  });
  assert.match(text, /```json\n\{\n {2}"a": 1\n\}\n```/);
  assert.doesNotMatch(text, /As data/);
  assert.match(
    shown({ content: [{ type: 'text', text: 'one' }], isError: false, structured: { a: 1 } }),
    /## As data/,
  );
});

test('images are files beside the document', () => {
  const files = resultFiles({
    ...{ tool: 'a_b', arguments: {}, run: 'r-1', ms: 1 },
    result: {
      content: [{ type: 'image', mimeType: 'image/png', data: Buffer.from('x').toString('base64') }],
      isError: false,
    },
  });
  assert.deepEqual(
    files.map(({ name }) => name),
    ['a_b.md', 'image-1.png'],
  );
  assert.match(new TextDecoder().decode(files[0]?.content), /!\[image-1\.png\]\(image-1\.png\)/);
});
