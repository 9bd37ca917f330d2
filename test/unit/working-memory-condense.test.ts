import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Json } from '../../extension/src/base/json.ts';
import { ModelError } from '../../extension/src/core/models/index.ts';
import type { Models, RouteCall } from '../../extension/src/core/models/index.ts';
import { fitContext, openContext } from '../../extension/src/core/orchestration/context.ts';
import type { StepResult, Steps, StepSpec } from '../../extension/src/core/orchestration/steps.ts';
import type { WorkingMemory } from '../../extension/src/core/memory/working/index.ts';
import { textOf } from '../../extension/src/protocol/message.ts';

interface Recorded {
  readonly spec: StepSpec;
  readonly result: StepResult<Json>;
}

/** Steps that are executed and noted, or answered from what an earlier one noted. */
function stepsOf(recorded: readonly Recorded[]) {
  const done: Recorded[] = [];
  const notes: string[] = [];
  const steps: Pick<Steps, 'run' | 'upcoming'> = {
    run: async (spec, execute) => {
      const known = recorded[done.length];
      if (known) assert.deepEqual({ ...known.spec, context: 0 }, { ...spec, context: 0 });
      const result =
        known?.result ??
        (await execute({
          step: String(done.length + 1),
          signal: new AbortController().signal,
          output: () => undefined,
          note: (level, text) => notes.push(`${level}: ${text}`),
          child: undefined,
        }));
      done.push({ spec, result: structuredClone<StepResult<Json>>(result) });
      return result as never;
    },
    upcoming: () => recorded[done.length]?.spec.kind,
  };
  return { steps, done, notes };
}

function modelsOf(answer: (call: RouteCall) => string): Models & { readonly asked: RouteCall[] } {
  const asked: RouteCall[] = [];
  return {
    asked,
    chat: (call) => {
      asked.push(call);
      return Promise.resolve().then(() => ({
        message: { role: 'assistant', content: [{ type: 'text', text: answer(call) }] },
        stop: 'end',
        deployment: 'test/small',
        provider: 'test',
        model: 'small',
        usage: { input: 100, output: 20 },
        cost: { kind: 'priced', usd: 0.01 },
      }));
    },
  };
}

const NOTES = `## Decided
- Use the parser of src/parse.ts.
## Tried and failed
None.
## Facts found
- src/parse.ts:12 drops the last line
## Open points
- The test of empty files.
## Files changed so far
- invented.ts`;

function full(contextTokens = 10_000): WorkingMemory {
  const memory = openContext(
    { putBlob: (text) => createHash('sha256').update(text).digest('hex') },
    { prompt: 'An agent.', task: 'Mend it.', episodes: [], files: 1, tools: [], contextTokens },
  );
  memory.steer('Leave the docs alone.');
  memory.changed('step 3', ['src/parse.ts']);
  fill(memory);
  return memory;
}

function fill(memory: WorkingMemory): void {
  for (let n = 0; n < 100 && !memory.toCondense(); n += 1) {
    memory.add([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: `I look at part ${n}.` },
          { type: 'tool-call', callId: `c${n}`, tool: 'files_read', arguments: { path: `src/${n}.ts` } },
        ],
      },
      {
        role: 'tool',
        callId: `c${n}`,
        content: [{ type: 'text', text: `content ${n}\n${'const a = 1;\n'.repeat(60)}` }],
        isError: n === 1,
      },
    ]);
  }
}

const summaryOf = (memory: WorkingMemory): string => textOf(memory.request().messages[2] ?? assert.fail());
const contextLength = (): never => {
  throw new ModelError('context-length', 'Too long.', 'Make it shorter.');
};

test('a context with room is left as it is, and no step is taken', async () => {
  const memory = full(1_000_000);
  const { steps, done } = stepsOf([]);
  assert.equal(await fitContext({ steps, models: modelsOf(() => NOTES) }, memory, 'code'), false);
  assert.equal(done.length, 0);
});

test('a full one is condensed in one step by the cheap route, and what is no model’s business is put in', async () => {
  const memory = full();
  const models = modelsOf(() => NOTES);
  const { steps, done } = stepsOf([]);
  assert.equal(await fitContext({ steps, models }, memory, 'code'), true);
  assert.deepEqual(
    models.asked.map(({ route }) => route),
    ['fast'],
  );
  const question = models.asked[0]?.messages.map(textOf).join('\n') ?? '';
  assert.match(question, /CALL files_read \{"path":"src\/0.ts"\}/);
  assert.match(question, /FAILED files_read: content 1/);
  assert.equal(
    summaryOf(memory).replace(/\d+ messages/, 'N messages'),
    `[The N messages that stood here are left out to save room. This is what is kept of them; the task above holds as it is.]

## Decided
- Use the parser of src/parse.ts.

## Facts found
- src/parse.ts:12 drops the last line

## Open points
- The test of empty files.

## Files changed so far
- src/parse.ts (step 3)

## Said by the user on the way, word for word
> Leave the docs alone.`,
  );
  const [{ spec, result } = assert.fail()] = done;
  assert.deepEqual(
    [spec.kind, spec.effect, Object.keys(spec.input as object)],
    ['condense', 'read', ['route', 'conversation']],
  );
  assert.deepEqual(Object.keys(result.output as object), ['summary', 'messages', 'tokens']);
  assert.deepEqual(result.model?.cost, { kind: 'priced', usd: 0.01 });
});

test('the next condensing keeps the facts of the one before', async () => {
  const memory = full();
  const models = modelsOf(({ messages }) =>
    messages.some((message) => textOf(message).includes('<earlier-summary>'))
      ? '## Facts found\n- src/other.ts:1 is fine'
      : NOTES,
  );
  const { steps } = stepsOf([]);
  await fitContext({ steps, models }, memory, 'code');
  fill(memory);
  assert.equal(await fitContext({ steps, models }, memory, 'code'), true);
  const summary = summaryOf(memory);
  assert.match(summary, /- src\/parse.ts:12 drops the last line\n- src\/other.ts:1 is fine/);
  assert.match(summary, /## Open points\n- The test of empty files./);
  assert.match(summary, /> Leave the docs alone./);
  assert.equal(summary.match(/Leave the docs alone/g)?.length, 1);
});

test('where the cheap route cannot, the agent’s own is asked', async () => {
  const memory = full();
  const models = modelsOf(({ route }) => {
    if (route === 'fast') throw new ModelError('no-route', 'No such route.', 'Add it.');
    return NOTES;
  });
  const { steps, notes } = stepsOf([]);
  await fitContext({ steps, models }, memory, 'code');
  assert.deepEqual(notes, ['info: Route “fast” cannot summarise (model-no-route); “code” is asked.']);
  assert.match(summaryOf(memory), /drops the last line/);
});

test('where no model can, an extract takes the place of a summary', async () => {
  const memory = full();
  const { steps, done, notes } = stepsOf([]);
  await fitContext({ steps, models: modelsOf(contextLength) }, memory, 'code');
  const summary = summaryOf(memory);
  assert.match(summary, /## Decided\n- I look at part 0\.\n- I look at part 1\./);
  assert.match(summary, /## Tried and failed\n- files_read \{"path":"src\/1.ts"\}: content 1/);
  assert.match(summary, /## Files changed so far\n- src\/parse.ts \(step 3\)/);
  assert.match(notes.at(-1) ?? '', /^warning: Too long\. An extract/);
  assert.equal(done[0]?.result.model, undefined);
  assert.equal(memory.toCondense(), undefined);
});

test('an answer without notes counts, and an extract is put beside it', async () => {
  const memory = full();
  const { steps, done, notes } = stepsOf([]);
  await fitContext({ steps, models: modelsOf(() => 'I cannot do that.') }, memory, 'code');
  assert.match(summaryOf(memory), /I cannot do that\.\n\n## Decided\n- I look at part 0/);
  assert.match(notes.join('\n'), /warning: small gave no notes/);
  assert.equal(done[0]?.result.model?.usage.input, 100);
});

test('what passes goes to the run, which pauses for it', async () => {
  const memory = full();
  const { steps } = stepsOf([]);
  const models = modelsOf(() => {
    throw new ModelError('network', 'No network.', 'Connect.');
  });
  await assert.rejects(fitContext({ steps, models }, memory, 'code'), { code: 'model-network' });
  assert.ok(memory.toCondense(), 'it can be tried again');
});

test('a recording says itself where it was condensed and how far', async () => {
  const models = modelsOf(() => NOTES);
  const first = stepsOf([]);
  const memory = full();
  await fitContext({ steps: first.steps, models }, memory, 'code');
  const untouchable = modelsOf(() => assert.fail('a model was asked'));

  const same = full();
  await fitContext({ steps: stepsOf(first.done).steps, models: untouchable }, same, 'code');
  assert.deepEqual(same.request(), memory.request());

  // A later version that estimates half as much would not condense here by itself.
  const later = full();
  later.request();
  later.measured((later.request().report?.tokens ?? 0) / 2);
  assert.equal(later.toCondense(), undefined);
  await fitContext({ steps: stepsOf(first.done).steps, models: untouchable }, later, 'code');
  assert.equal(later.request().conversation, memory.request().conversation);

  const chat: Recorded = {
    spec: { kind: 'chat', name: 'code', effect: 'read', input: {} },
    result: { output: 1 },
  };
  const asBefore = full();
  assert.equal(
    await fitContext({ steps: stepsOf([chat]).steps, models: untouchable }, asBefore, 'code'),
    false,
  );
});
