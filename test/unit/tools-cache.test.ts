import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepEffect } from '../../extension/src/protocol/run-event.ts';
import { BUILT_IN_SERVERS } from '../../extension/src/core/tools/built-in-servers.ts';
import {
  createResultCache,
  createTools,
  type CacheRules,
  type KeptResult,
  type ServerDefinition,
  type Tool,
  type ToolCall,
  type ToolResult,
} from '../../extension/src/core/tools/index.ts';

interface Given {
  readonly rules?: CacheRules;
  readonly definition?: Partial<ServerDefinition>;
  readonly effect?: StepEffect;
  readonly answer?: (call: ToolCall, count: number) => Promise<ToolResult> | ToolResult;
}

/** A server of ours whose tool counts how often it was really called, behind a registry with a cache. */
function world(server: string, tool: string, given: Given = {}) {
  const definition = BUILT_IN_SERVERS.find(({ name }) => name === server);
  assert.ok(definition);
  const kept = new Map<string, { readonly result: KeptResult; readonly until: number | undefined }>();
  let time = 0;
  let calls = 0;
  const listed: Tool = {
    ...{ name: `${server}_${tool}`, server, effect: given.effect ?? 'read' },
    ...{ description: 'x', inputSchema: { type: 'object' } },
  };
  const tools = createTools({
    servers: [
      {
        name: server,
        list: () => Promise.resolve([listed]),
        call: async (_, call) => {
          calls += 1;
          return given.answer?.(call, calls) ?? text(`answer ${calls}`);
        },
        dispose: () => Promise.resolve(),
      },
    ],
    argumentMistakes: () => undefined,
    about: () => ({ definition: { ...definition, ...given.definition }, image: 'sha256:a' }),
    cache: createResultCache({
      rules: given.rules ?? {},
      now: () => time,
      store: {
        get: (key) => {
          const found = kept.get(key);
          return found && (found.until === undefined || found.until > time) ? found.result : undefined;
        },
        set: (key, result, until) => void kept.set(key, { result, until }),
      },
    }),
  });
  return {
    wait: (ms: number): void => void (time += ms),
    calls: (): number => calls,
    /** What the call came to, and what was noted about it. */
    call: async (
      args: ToolCall['arguments'] = {},
      more: { run?: string; tree?: string; writes?: number; signal?: AbortSignal } = {},
    ): Promise<string> => {
      const notes: string[] = [];
      const { run = 'r-1', signal = new AbortController().signal, ...files } = more;
      const { tree = 't1', writes = 0 } = files;
      const context = { run, step: '1', traceparent: '', ...(tree === '' ? {} : { tree, writes }) };
      const result = await tools.call(`${server}_${tool}`, {
        ...{ arguments: args, signal, context, onOutput: () => undefined },
        onNote: (_, note) => notes.push(note),
      });
      const said = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      return [said, ...(result.use?.cached ? ['cached'] : []), ...notes].join(' | ');
    },
  };
}

function text(said: string, isError = false): ToolResult {
  return { content: [{ type: 'text', text: said }], isError };
}

test('a reading tool of ours answers once for equal arguments on equal files', async () => {
  const files = world('files', 'read');
  assert.equal(await files.call({ path: 'a', lines: 1 }), 'answer 1');
  files.wait(180_000);
  assert.equal(
    await files.call({ lines: 1, path: 'a' }, { run: 'r-2' }),
    'answer 1 | cached | Cached: the same call in run r-1, 3 minutes ago.',
  );
  assert.equal(await files.call({ path: 'b', lines: 1 }), 'answer 2');
  assert.equal(await files.call({ path: 'a', lines: 1 }, { tree: 't2' }), 'answer 3');
  assert.equal(files.calls(), 3);
});

test('after a call that may have changed ignored files, only the run itself knows what it reads', async () => {
  const files = world('files', 'read');
  await files.call({});
  assert.equal(
    await files.call({}, { writes: 1 }),
    'answer 2',
    'the tree is the same, what git ignores may not be',
  );
  assert.match(await files.call({}, { writes: 1 }), /^answer 2 \| cached/);
  assert.equal(await files.call({}, { writes: 1, run: 'r-2' }), 'answer 3');
});

test('nothing is kept of what writes, of failures, of files that nobody has a tree of, and of what is too large', async () => {
  const writing = world('files', 'write', { effect: 'contained', rules: { 'files_*': true } });
  await writing.call();
  assert.equal(await writing.call(), 'answer 2', 'whatever a person says');
  const failing = world('files', 'read', { answer: (_, count) => text(`no ${count}`, true) });
  await failing.call();
  assert.equal(await failing.call(), 'no 2');
  const large = world('files', 'read', { answer: (_, count) => text(String(count).repeat(300_000)) });
  await large.call();
  assert.equal((await large.call())[0], '2');
  const git = world('git', 'log');
  await git.call();
  assert.equal(await git.call(), 'answer 2', 'history is in no tree');
  const theirs = world('files', 'read', { definition: { trusted: false, origin: 'workspace' } });
  await theirs.call();
  assert.equal(await theirs.call(), 'answer 2', 'their word that it only reads is no proof');
});

test('files of the user’s own folder can change unseen', async () => {
  const files = world('files', 'read');
  await files.call({}, { tree: '' });
  assert.equal(await files.call({}, { tree: '' }), 'answer 2');
});

test('what comes from the web is kept for a while', async () => {
  const web = world('web', 'fetch', { rules: { web_fetch: { seconds: 60 } } });
  await web.call();
  web.wait(59_000);
  assert.match(await web.call({}, { tree: 't2' }), /^answer 1 \| cached/, 'whatever the files are');
  web.wait(1_000);
  assert.equal(await web.call(), 'answer 2');
  const usual = world('web', 'fetch');
  await usual.call();
  usual.wait(599_000);
  assert.match(await usual.call(), /cached/);
  usual.wait(1_000);
  assert.equal(await usual.call(), 'answer 2');
  const off = world('web', 'fetch', { rules: { 'web_*': false } });
  await off.call();
  assert.equal(await off.call(), 'answer 2');
});

test('another image or another definition is another server', async () => {
  const one = world('files', 'read');
  await one.call();
  const keys = new Set<string>();
  for (const image of ['sha256:a', 'sha256:b', undefined]) {
    const cache = createResultCache({
      ...{ rules: {}, now: () => 0, store: { get: () => undefined, set: () => undefined } },
    });
    const [definition] = BUILT_IN_SERVERS;
    assert.ok(definition);
    const tool: Tool = {
      ...{ name: 'files_read', server: 'files', effect: 'read', description: '', inputSchema: {} },
    };
    for (const memoryBytes of [1, 2]) {
      const sandbox = { ...definition.sandbox, memoryBytes };
      const server = { definition: { ...definition, sandbox }, ...(image === undefined ? {} : { image }) };
      const call: ToolCall = {
        ...{ arguments: {}, signal: new AbortController().signal, onOutput: () => undefined },
        context: { run: 'r', step: '1', traceparent: '', tree: 't' },
      };
      keys.add(cache.planFor(tool, server, call)?.key ?? '');
    }
  }
  assert.equal(keys.size, 6);
});

test('equal calls at one moment are done once, and go on while anybody waits', async () => {
  let release = (): void => undefined;
  let stopped = false;
  const files = world('files', 'read', {
    answer: (call, count) =>
      new Promise((resolve) => {
        call.signal.addEventListener('abort', () => (stopped = true));
        release = () => resolve(text(`shared ${count}`));
      }),
  });
  const first = new AbortController();
  const one = files.call({}, { signal: first.signal });
  const two = files.call({});
  await new Promise((resolve) => setImmediate(resolve));
  first.abort(new Error('enough'));
  await assert.rejects(one, /enough/);
  assert.equal(stopped, false, 'the other one still waits');
  release();
  assert.equal(await two, 'shared 1 | cached | Cached: the same call was under way already.');
  assert.equal(files.calls(), 1);

  const alone = new AbortController();
  const last = files.call({ other: true }, { signal: alone.signal });
  await new Promise((resolve) => setImmediate(resolve));
  alone.abort(new Error('enough'));
  await assert.rejects(last, /enough/);
  assert.equal(stopped, true, 'nobody waits any more');
});
