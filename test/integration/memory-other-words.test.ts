import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { textOf } from '../../extension/src/protocol/message.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { cliWorld, newestRun } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';
import { asAgent, startModelServer } from '../support/model-server/index.ts';
import type { Fault, ModelServer } from '../support/model-server/index.ts';
import { lastHeard } from '../support/transcript.ts';

const QUESTION = 'keep a callback from being run too often';
const WORDS = ['throttle calls wait milliseconds', 'debounce timer'];
const SKETCH = 'export function throttle(action, wait) {\n  let timer;\n}';
const ANSWER = JSON.stringify({ queries: WORDS, sketch: SKETCH });
const NONSENSE = 'why do visitors see old pages';
const CENT = 1_000;
const usage = { input: CENT, output: 0 };

const FILES = {
  'src/pace.js':
    'export function throttle(action, wait) {\n  let timer;\n  return (...given) => {\n    timer ??= setTimeout(() => (timer = undefined), wait, action(...given));\n  };\n}\n',
  'src/cart.js':
    'export function keepCart(cart) {\n  return store.set("cart", JSON.stringify(cart));\n}\n\nexport function runCheckout(cart) {\n  return pay(cart.total);\n}\n',
};

interface Searched {
  readonly world: CliWorld;
  readonly server: ModelServer;
  readonly run: string;
  readonly view: RunView;
  /** The calls of `memory_search`, by what they asked. */
  readonly step: (question: string) => StepView;
  /** What each told the agent. */
  readonly heard: (question: string) => string;
  /** Models in the order in which they were asked. */
  readonly asked: readonly string[];
}

interface Options {
  readonly questions?: readonly string[];
  readonly small?: Fault;
  /** A line of the agent's file. */
  readonly budget?: string;
  readonly withoutFast?: boolean;
}

/** A run of an agent that searches in one turn, on two models of a cent a call: `big` is its own, `small` that of the route fast. */
async function searched(t: TestContext, options: Options = {}): Promise<Searched> {
  const { questions = [QUESTION], small, budget = '', withoutFast = false } = options;
  const world = cliWorld(t);
  world.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
  const heard = new Map<string, string>();
  const server = await startModelServer(
    asAgent((messages, _tools, { model }) => {
      if (model === 'small') {
        const text = lastHeard(messages) === NONSENSE ? 'I would rather not.' : ANSWER;
        return small ?? { text, usage };
      }
      const told = messages.filter((message) => message.role === 'tool');
      for (const [at, message] of told.entries()) heard.set(questions[at] ?? '', textOf(message));
      const toolCalls = questions.map((query) => ({
        name: 'memory_search',
        arguments: { query, limit: 3 },
      }));
      return told.length > 0 ? { text: 'done', usage } : { toolCalls, usage };
    }),
  );
  t.after(() => server.close());
  const route = (model: string) => [
    { provider: 'openai', model, baseUrl: `${server.url}/v1`, price: { input: 10, output: 10 } },
  ];
  const routes = { code: route('big'), ...(withoutFast ? {} : { fast: route('small') }) };
  world.write('.strata/models.jsonc', JSON.stringify({ routes }));
  world.write(
    '.strata/agents/finder.agent.md',
    `---\nname: finder\ndescription: Finds.\nroute: code\ntools: [memory_search]\n${budget}---\nYou find.\n`,
  );
  world.write('.strataignore', '.strata/\n');
  for (const [file, text] of Object.entries(FILES)) world.write(file, text);
  const { code, out, err } = await world.strata('run', 'finder', 'Find it', '--yes');
  const run = newestRun(world);
  const view = world.view(run);
  const steps = view.steps.filter(({ name }) => name === 'memory_search');
  assert.equal(steps.length, questions.length, `${code}\n${out}\n${err}`);
  return {
    ...{ world, server, run, view },
    step: (question) => {
      const found = steps[questions.indexOf(question)];
      assert.ok(found);
      return found;
    },
    heard: (question) => heard.get(question) ?? '',
    asked: server.requests.map(({ model }) => model),
  };
}

const notes = ({ step }: Searched, question = QUESTION): string =>
  step(question)
    .notes.map(({ text }) => text)
    .join('\n');

test('code that shares no word with the question is found by what a model writes, in the step that searches', async (t) => {
  const known = 'throttle action';
  const found = await searched(t, { questions: [QUESTION, known, NONSENSE] });
  const { world, server, run, view, step, heard, asked } = found;
  assert.deepEqual(asked, ['big', 'small', 'small', 'big'], 'none for the words that are there');
  assert.match(heard(known), /src\/pace\.js:1-6 throttle/);
  assert.match(heard(QUESTION), /src\/pace\.js:1-6 throttle/);
  assert.match(heard(QUESTION), /found by "/, 'and the reason is told');
  assert.match(notes(found), /Few words of the question were found\. small wrote: “throttle calls wait/);
  assert.match(notes(found, NONSENSE), /question alone: small wrote nothing that can be searched for\./);

  const sent = server.requests.filter(({ model }) => model === 'small');
  assert.deepEqual(sent.map(({ messages }) => lastHeard(messages)).sort(), [QUESTION, NONSENSE].sort());
  assert.ok(
    !JSON.stringify(sent.map(({ body }) => body)).includes('throttle'),
    'nothing of the files is sent',
  );

  const bill = [['small', { kind: 'priced', usd: 0.01 }]];
  for (const question of [QUESTION, NONSENSE])
    assert.deepEqual(
      step(question).tool?.sampled?.map(({ model, cost }) => [model, cost]),
      bill,
    );
  assert.equal(view.totals.calls, 4);
  assert.equal(view.totals.usd.toFixed(2), '0.04', 'the run has paid for it');

  const replayed = await world.strata('replay', run);
  assert.match(replayed.out, /equal to the recording/);
  const half = await world.strata('replay', run, '--live', 'tools', '--json');
  assert.equal(half.code, 0, half.err);
  assert.equal(server.requests.length, asked.length, 'no recorded reply is taken for other words');
  const forked = await world.strata('fork', run, step(NONSENSE).id, '--json');
  assert.equal(forked.code, 0, forked.err);
  const live = server.requests.slice(asked.length).map(({ model }) => model);
  assert.deepEqual(live, ['big'], 'what is recorded is not asked again');
});

test('without a real model on the route nobody is asked, and by keyword alone it is not found', async (t) => {
  const found = await searched(t, { withoutFast: true });
  assert.deepEqual(found.asked, ['big', 'big']);
  assert.match(found.heard(QUESTION), /src\/cart\.js/);
  assert.doesNotMatch(found.heard(QUESTION), /pace\.js/);
  assert.equal(notes(found), '');
});

test('a model that fails leaves what the words found, and the step says why', async (t) => {
  const found = await searched(t, { small: { fault: 'status', status: 401 } });
  assert.equal(found.view.status, 'succeeded');
  assert.match(found.heard(QUESTION), /src\/cart\.js/);
  assert.match(notes(found), /Searched by the words of the question alone: No model of the route “fast”/);
});

test('a run that has spent its budget does not ask, and pauses with what the words found', async (t) => {
  const found = await searched(t, { budget: 'budget: 0.01\n' });
  assert.deepEqual(found.asked, ['big']);
  assert.equal(found.step(QUESTION).status, 'finished');
  assert.match(notes(found), /alone: The run has spent its budget\./);
  assert.equal(found.view.status, 'paused');
});
