import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createHealth,
  createRouter,
  orderedRoute,
  isModelError,
  ModelError,
  type ChatCall,
  type ChatReply,
  type Deployment,
  type ModelErrorKind,
  type Prices,
} from '../../extension/src/core/models/index.ts';
import { textOf } from '../../extension/src/protocol/message.ts';

type Act = (call: ChatCall, clock: VirtualClock) => Promise<ChatReply>;

class VirtualClock {
  now = 0;
  readonly slept: number[] = [];
  #timers: { readonly at: number; readonly fire: () => void }[] = [];

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      signal.addEventListener('abort', () => resolve(), { once: true });
      // The router's own limit on an attempt is far away; only waiting between attempts passes by itself.
      if (ms >= 60_000) this.#timers.push({ at: this.now + ms, fire: resolve });
      else {
        this.slept.push(ms);
        this.now += ms;
        resolve();
      }
    });

  advance(ms: number): void {
    this.now += ms;
    for (const timer of this.#timers.splice(0)) {
      if (timer.at <= this.now) timer.fire();
      else this.#timers.push(timer);
    }
  }
}

const fails =
  (kind: ModelErrorKind, text: string, details: { status?: number; retryAfterMs?: number } = {}): Act =>
  () =>
    Promise.reject(new ModelError(kind, text, `Do something about ${kind}.`, details));

const answers =
  (text: string): Act =>
  (call) => {
    call.onText(text);
    return Promise.resolve({
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      stop: 'end',
      model: 'm-1',
      usage: { input: 100, output: 10 },
    });
  };

const breaksAfter =
  (text: string): Act =>
  (call) => {
    call.onText(text);
    return Promise.reject(new ModelError('network', 'the stream broke off', ''));
  };

const PRICES: Prices = { price: ({ usage }) => Promise.resolve({ usd: usage.input / 1000, exact: true }) };

/** A route `code` whose deployments `a`, `b`, … do what their scripts say, one act a call; the last act is repeated. */
function routeOf(scripts: Readonly<Record<string, readonly Act[]>>, signal = new AbortController().signal) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const deployments = Object.keys(scripts).map((id): Deployment => ({ id, provider: 'openai', model: id }));
  const health = createHealth(() => clock.now);
  const router = createRouter({
    routes: new Map([
      ['code', orderedRoute('code', deployments)],
      ['empty', orderedRoute('empty', [])],
    ]),
    openProvider: (deployment) => {
      const acts = [...(scripts[deployment.id] ?? [])];
      return Promise.resolve({
        chat: (call) => {
          calls.push(deployment.id);
          const act = acts.length > 1 ? acts.shift() : acts[0];
          assert.ok(act);
          return act(call, clock);
        },
      });
    },
    prices: PRICES,
    health,
    clock: () => clock.now,
    now: () => clock.now,
    random: () => 0.5,
    sleep: clock.sleep,
    attemptLimitMs: 100_000,
  });
  const notes: string[] = [];
  let shown = '';
  const chat = (route = 'code') =>
    router.chat({
      route,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
      tools: [],
      signal,
      onText: (text) => (shown += text),
      onNote: (level, text) => notes.push(`${level}: ${text}`),
    });
  return { chat, clock, calls, notes, shown: () => shown };
}

async function failure(work: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isModelError(error), `expected a ModelError, got ${String(error)}`);
  return error;
}

test('a deployment can be asked alone by its id, without those that would follow it', async () => {
  const { chat, calls } = routeOf({
    'openai/a': [answers('A')],
    'openai/b': [fails('overloaded', 'busy', { status: 529 })],
  });
  assert.equal((await chat('openai/a')).deployment, 'openai/a');
  assert.match((await failure(chat('openai/b'))).message, /openai\/b/);
  assert.ok(!calls.slice(1).includes('openai/a'), calls.join(' '));
  assert.equal((await failure(chat('openai/c'))).kind, 'no-route');
});

test('the first deployment answers', async () => {
  const { chat, calls, notes, shown } = routeOf({ a: [answers('hi')], b: [answers('no')] });
  const reply = await chat();
  assert.deepEqual(
    { ...reply, message: undefined },
    {
      message: undefined,
      stop: 'end',
      deployment: 'a',
      provider: 'openai',
      model: 'm-1',
      usage: { input: 100, output: 10 },
      cost: { kind: 'priced', usd: 0.1 },
      firstTokenMs: 0,
    },
  );
  assert.deepEqual(calls, ['a']);
  assert.equal(shown(), 'hi');
  assert.deepEqual(notes, ['info: Route “code” → a, the first of 2.']);
});

test('an overloaded deployment is retried once, then the next one answers', async () => {
  const { chat, calls, notes, clock } = routeOf({
    a: [fails('overloaded', 'busy', { status: 529 })],
    b: [answers('hi')],
  });
  assert.equal((await chat()).deployment, 'b');
  assert.deepEqual(calls, ['a', 'a', 'b']);
  assert.deepEqual(clock.slept, [250]);
  assert.deepEqual(notes, [
    'info: Route “code” → a, the first of 2.',
    'warning: a failed (overloaded 529: busy); retry 1 in 0.3 s.',
    'warning: a failed (overloaded 529: busy); falling back to b (it cools down for 15 s).',
    'info: Route “code” → b, number 2 of 2.',
  ]);
});

test('a short Retry-After is honoured, a long one leads to the next deployment', async () => {
  const short = routeOf({
    a: [fails('rate-limit', 'slow', { retryAfterMs: 3_000 }), answers('hi')],
    b: [answers('b')],
  });
  assert.equal((await short.chat()).deployment, 'a');
  assert.deepEqual(short.clock.slept, [3_000]);
  const long = routeOf({ a: [fails('rate-limit', 'slow', { retryAfterMs: 30_000 })], b: [answers('b')] });
  assert.equal((await long.chat()).deployment, 'b');
  assert.deepEqual(long.clock.slept, []);
});

test('an answer that breaks off goes on at the next deployment, and nothing of it is shown twice', async () => {
  const asked: ChatCall[] = [];
  const goesOn: Act = (call, clock) => {
    asked.push(call);
    return answers(', and the rest of it')(call, clock);
  };
  const { chat, notes, shown } = routeOf({
    a: [breaksAfter('This is the first half'), breaksAfter(' of the answer')],
    b: [goesOn],
  });
  const reply = await chat();
  const whole = 'This is the first half of the answer, and the rest of it';
  assert.equal(shown(), whole);
  assert.deepEqual(reply.message.content, [{ type: 'text', text: whole }]);
  const [partial, word] = asked[0]?.messages.slice(-2) ?? [];
  assert.deepEqual(partial && textOf(partial), 'This is the first half of the answer');
  assert.match(word ? textOf(word) : '', /Go on exactly where it ends/);
  assert.match(
    notes.join('\n'),
    /The 22 characters that had come are kept, and the answer goes on after them\./,
  );
  // What the two attempts came to is paid, although no usage was told for them.
  assert.equal(reply.cost.kind, 'estimated');
});

test('tool calls of an answer that broke off are made once, by whoever ends it', async () => {
  const callsTool: Act = (call) => {
    call.onText(' look.');
    const tool = { type: 'tool-call', callId: 'c-1', tool: 'files_read', arguments: {} } as const;
    return Promise.resolve({
      message: { role: 'assistant', content: [{ type: 'text', text: ' look.' }, tool] },
      stop: 'tool-calls',
      model: 'm-1',
      usage: { input: 1, output: 1 },
    });
  };
  const { chat } = routeOf({ a: [breaksAfter('I will')], b: [callsTool] });
  const { message } = await chat();
  assert.deepEqual(
    message.content.map((part) => ('text' in part ? part.text : part.type)),
    ['I will look.', 'tool-call'],
  );
});

test('text that is refused for its content is no part of what comes after', async () => {
  const refused: Act = (call) => {
    call.onText('Well, first you');
    return Promise.reject(new ModelError('content-policy', 'withheld', ''));
  };
  const { chat, notes } = routeOf({ a: [refused], b: [answers('No.')] });
  assert.deepEqual((await chat()).message.content, [{ type: 'text', text: 'No.' }]);
  assert.match(notes.join('\n'), /The 15 characters that had been shown are no part of the answer\./);
});

test('a deployment that failed is passed over while it cools down, and the reason is told', async () => {
  const { chat, notes, calls, clock } = routeOf({
    a: [fails('rate-limit', 'slow', { status: 429, retryAfterMs: 30_000 }), answers('back')],
    b: [answers('b')],
  });
  await chat();
  clock.now += 9_000;
  notes.length = 0;
  assert.equal((await chat()).deployment, 'b');
  assert.deepEqual(notes, [
    'info: Route “code” → b, its only one that can be asked, since a cools down for 21 s after rate-limit 429.',
  ]);
  clock.now += 21_000;
  assert.equal((await chat()).deployment, 'a');
  assert.deepEqual(calls, ['a', 'b', 'b', 'a']);
});

test('when every deployment cools down, a wait that the server asked for is kept', async () => {
  const { chat, notes, clock } = routeOf({
    a: [fails('rate-limit', 'slow', { status: 429, retryAfterMs: 61_000 }), answers('back')],
  });
  await failure(chat());
  clock.now += 30_000;
  notes.length = 0;
  assert.equal((await chat()).deployment, 'a');
  assert.match(notes[0] ?? '', /waiting 31\.0 s for a \(rate-limit 429\)/);
  assert.deepEqual(clock.slept, [31_000]);
});

test('a cooldown that no server asked for is not waited out where there is nothing else', async () => {
  const { chat, clock } = routeOf({
    a: [fails('stall', 'silence'), fails('stall', 'silence'), answers('hi')],
  });
  await failure(chat());
  clock.slept.length = 0;
  assert.equal((await chat()).deployment, 'a');
  assert.deepEqual(clock.slept, []);
});

test('when all fail, the error is of the most telling kind and names each', async () => {
  const { chat } = routeOf({
    a: [fails('network', 'no connection')],
    b: [fails('auth', 'key refused', { status: 401 })],
  });
  const error = await failure(chat());
  assert.equal(error.kind, 'auth');
  assert.equal(error.code, 'model-auth');
  assert.equal(error.status, 401);
  assert.equal(error.message, 'No model of the route “code” could answer. a: no connection; b: key refused.');
  assert.equal(error.action, 'Do something about auth.');
});

test('a provider that throws something else counts as a bad response', async () => {
  const { chat } = routeOf({ a: [() => Promise.reject(new TypeError('x is not a function'))] });
  assert.equal((await failure(chat())).kind, 'bad-response');
});

test('a route that does not exist or is empty is named', async () => {
  const { chat } = routeOf({ a: [answers('hi')] });
  const unknown = await failure(chat('poetry'));
  assert.equal(unknown.kind, 'no-route');
  assert.match(unknown.message, /“poetry”: the routes are code, empty/);
  assert.match((await failure(chat('empty'))).message, /lists no deployment/);
});

test('cancelling rejects at once, even if the provider never listens', async () => {
  const controller = new AbortController();
  const { chat, calls } = routeOf(
    { a: [() => new Promise(() => undefined)], b: [answers('no')] },
    controller.signal,
  );
  const pending = failure(chat());
  setImmediate(() => controller.abort());
  assert.equal((await pending).kind, 'cancelled');
  assert.deepEqual(calls, ['a']);
});

test('cancelled before the call: no provider is asked', async () => {
  const { chat, calls } = routeOf({ a: [answers('no')] }, AbortSignal.abort());
  assert.equal((await failure(chat())).kind, 'cancelled');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(calls, []);
});

test('cancelling while waiting for a retry ends the wait', async () => {
  const controller = new AbortController();
  const { chat, calls } = routeOf(
    {
      a: [
        () => {
          queueMicrotask(() => controller.abort());
          return Promise.reject(new ModelError('rate-limit', 'slow', '', { retryAfterMs: 60_000 }));
        },
      ],
    },
    controller.signal,
  );
  assert.equal((await failure(chat())).kind, 'cancelled');
  assert.deepEqual(calls, ['a']);
});

test('an attempt that never ends is given up at the limit, and its late text is dropped', async () => {
  let late: (text: string) => void = () => undefined;
  let aborted = false;
  const hangs: Act = (call, clock) => {
    late = call.onText;
    call.signal.addEventListener('abort', () => (aborted = true));
    setImmediate(() => clock.advance(100_000));
    return new Promise(() => undefined);
  };
  const { chat, shown, notes } = routeOf({ a: [hangs], b: [answers('whole')] });
  assert.equal((await chat()).deployment, 'b');
  late('too late');
  assert.equal(shown(), 'whole');
  assert.ok(aborted);
  assert.match(
    notes.join('\n'),
    /a failed \(timeout: no complete answer within 100 s\); falling back to b \(it cools down for 30 s\)\./,
  );
});

test('a provider is opened once, and again after the key was refused', async () => {
  let opened = 0;
  const router = createRouter({
    routes: new Map([['code', orderedRoute('code', [{ id: 'a', provider: 'openai', model: 'a' }])]]),
    openProvider: () => {
      opened += 1;
      return Promise.resolve({
        chat: (call) => (opened === 1 ? fails('auth', 'old key') : answers('hi'))(call, new VirtualClock()),
      });
    },
    prices: PRICES,
    health: createHealth(() => 0),
    clock: () => 0,
    now: () => 0,
    random: () => 0,
    sleep: new VirtualClock().sleep,
  });
  const call = {
    route: 'code',
    messages: [],
    tools: [],
    signal: new AbortController().signal,
    onText: () => undefined,
    onNote: () => undefined,
  };
  await failure(router.chat(call));
  await router.chat(call);
  await router.chat(call);
  assert.equal(opened, 2);
});
