import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createHealth,
  createRouter,
  isModelError,
  ModelError,
  type ChatCall,
  type ModelErrorKind,
  type Provider,
  type Route,
} from '../../extension/src/core/models/index.ts';

const KINDS: ReadonlySet<string> = new Set<ModelErrorKind>([
  'context-length',
  'content-policy',
  'overloaded',
]);

interface Scripted {
  /** Deployments by route, each with what it answers; a kind of failure is one. */
  readonly routes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly takeOver?: Readonly<Record<string, Pick<Route, 'onContextLength' | 'onContentPolicy'>>>;
  readonly windows?: Readonly<Record<string, number>>;
  readonly autoAsks?: boolean;
}

function routerOf({ routes, takeOver = {}, windows = {}, autoAsks = false }: Scripted) {
  const asked: string[] = [];
  const answers = new Map(Object.values(routes).flatMap((deployments) => Object.entries(deployments)));
  const providerOf = (id: string): Provider => ({
    chat: (call: ChatCall) => {
      asked.push(id);
      const answer = answers.get(id) ?? '';
      if (KINDS.has(answer))
        return Promise.reject(new ModelError(answer as ModelErrorKind, answer, 'Do it.'));
      call.onText(answer);
      return Promise.resolve({
        message: { role: 'assistant', content: [{ type: 'text', text: answer }] },
        stop: 'end',
        model: id,
        usage: { input: 1, output: 1 },
      });
    },
  });
  const router = createRouter({
    routes: new Map(
      Object.entries(routes).map(([name, deployments]): [string, Route] => [
        name,
        {
          name,
          strategy: 'ordered',
          deployments: Object.keys(deployments).map((id) => ({
            deployment: { id, provider: 'openai', model: id },
            weight: 1,
            contextWindow: windows[id],
          })),
          ...takeOver[name],
        },
      ]),
    ),
    openProvider: ({ id }) => Promise.resolve(providerOf(id)),
    prices: { price: () => Promise.resolve({ usd: 0.01, exact: true }) },
    health: createHealth(() => 0),
    autoAsks,
    clock: () => 0,
    now: () => 0,
    random: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        if (_ms < 60_000) resolve();
        else signal.addEventListener('abort', () => resolve());
      }),
  });
  const notes: string[] = [];
  const chat = (route: string, text = 'hello') =>
    router.chat({
      route,
      messages: [{ role: 'user', content: [{ type: 'text', text }] }],
      tools: [],
      signal: new AbortController().signal,
      onText: () => undefined,
      onNote: (_level, note) => notes.push(note),
    });
  return { chat, asked, notes };
}

async function failure(work: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isModelError(error), String(error));
  return error;
}

test('a request that is too long by estimate goes to a larger window before anybody is asked', async () => {
  const { chat, asked, notes } = routerOf({
    routes: { code: { a: 'no', b: 'no' }, 'long-context': { big: 'yes' } },
    takeOver: { code: { onContextLength: 'long-context' } },
    windows: { a: 500, b: 800, big: 1_000_000 },
  });
  assert.equal((await chat('code', 'x'.repeat(8_000))).deployment, 'big');
  assert.deepEqual(asked, ['big']);
  assert.match(
    notes.join('\n'),
    /a is passed over: the request needs about 3,000 tokens, and it takes 500\./,
  );
  assert.match(
    notes.join('\n'),
    /No deployment of the route “code” can take this \(context-length\); the route “long-context” takes over\./,
  );
});

test('one that the model finds too long does too, after the others of its route', async () => {
  const { chat, asked } = routerOf({
    routes: { code: { a: 'context-length', b: 'context-length' }, 'long-context': { big: 'yes' } },
    takeOver: { code: { onContextLength: 'long-context' } },
  });
  assert.equal((await chat('code')).deployment, 'big');
  assert.deepEqual(asked, ['a', 'b', 'big']);
});

test('what is refused for its content goes at once to the route that is named for it', async () => {
  const { chat, asked } = routerOf({
    routes: { code: { a: 'content-policy', b: 'no' }, other: { c: 'yes' } },
    takeOver: { code: { onContentPolicy: 'other' } },
  });
  assert.equal((await chat('code')).deployment, 'c');
  assert.deepEqual(asked, ['a', 'c']);
});

test('two routes that take over from each other end with one error that names all', async () => {
  const { chat, asked } = routerOf({
    routes: { code: { a: 'context-length' }, big: { b: 'context-length' } },
    takeOver: { code: { onContextLength: 'big' }, big: { onContextLength: 'code' } },
  });
  const { kind, message } = await failure(chat('code'));
  assert.equal(kind, 'context-length');
  assert.match(message, /a: context-length; b: context-length/);
  assert.deepEqual(asked, ['a', 'b']);
});

test('a route that takes over and does not exist is named', async () => {
  const { chat } = routerOf({
    routes: { code: { a: 'context-length' } },
    takeOver: { code: { onContextLength: 'nowhere' } },
  });
  assert.match((await failure(chat('code'))).message, /no model route named “nowhere”/);
});

test('auto picks by rules, and says why', async () => {
  const { chat, asked, notes } = routerOf({
    routes: {
      code: { a: 'ok' },
      fast: { f: 'reasoning' },
      reasoning: { r: 'ok' },
      'long-context': { l: 'ok' },
    },
  });
  await chat('auto', 'Refactor this function and fix the failing unit test.');
  assert.deepEqual(asked, ['a']);
  assert.match(notes[0] ?? '', /^Route “auto” → code, since it speaks of /);
});

test('auto asks the fast route where it may and the rules do not tell, and counts what that costs', async () => {
  const scripted: Scripted = {
    routes: { code: { a: 'ok' }, fast: { f: 'reasoning' }, reasoning: { r: 'ok' } },
  };
  const asks = routerOf({ ...scripted, autoAsks: true });
  const reply = await asks.chat('auto', 'Hm?');
  assert.deepEqual(asks.asked, ['f', 'r']);
  assert.deepEqual(reply.cost, { kind: 'priced', usd: 0.02 });
  const silent = routerOf(scripted);
  await silent.chat('auto', 'Hm?');
  assert.deepEqual(silent.asked, ['a']);
});

test('where the fast route does not answer, the rules have the last word', async () => {
  const { chat, asked } = routerOf({
    routes: { code: { a: 'ok' }, fast: { f: 'content-policy' } },
    autoAsks: true,
  });
  assert.equal((await chat('auto', 'Hm?')).deployment, 'a');
  assert.deepEqual(asked, ['f', 'a']);
});
