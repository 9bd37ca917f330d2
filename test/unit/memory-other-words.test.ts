import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrataError } from '../../extension/src/base/errors.ts';
import {
  expansionQuestion,
  needsExpansion,
  readExpansion,
  type Hit,
} from '../../extension/src/core/memory/index.ts';
import {
  askForOtherWords,
  memoryServer,
  type Sample,
  type SamplingRequest,
} from '../../extension/src/core/tools/index.ts';

const QUESTION = 'keep a callback from being run too often';
const hit = (text: string, more: Partial<Hit> = {}): Hit => ({
  ...{ path: 'src/pace.js', startLine: 1, endLine: 2, score: 1, text },
  ...more,
});

describe('whether other words are needed', () => {
  const cases: readonly (readonly [string, string, readonly Hit[], boolean])[] = [
    ['nothing was found', QUESTION, [], true],
    ['each hit has few of the words', QUESTION, [hit('run'), hit('callback'), hit('often')], true],
    ['one hit has half of them', QUESTION, [hit('x'), hit('keeps the callback for a run')], false],
    ['the name and the path count', 'parse header', [hit('x', { symbol: 'parseHeader' })], false],
    ['only the first five count', QUESTION, [...Array<Hit>(5).fill(hit('x')), hit(QUESTION)], true],
    ['an embedder took part', QUESTION, [hit('x', { why: { words: [], similarity: 0.1 } })], false],
    ['the question has no words', '?!', [], false],
  ];
  for (const [name, query, hits, expected] of cases)
    it(`${expected ? 'yes' : 'no'}: ${name}`, () => assert.equal(needsExpansion(query, hits), expected));
});

describe('what a model answered', () => {
  const read = (answer: unknown): readonly string[] =>
    readExpansion(typeof answer === 'string' ? answer : JSON.stringify(answer), QUESTION);

  it('is its queries, then its sketch', () => {
    const answer = { queries: ['throttle calls', 'debounce wait'], sketch: 'function throttle(fn, ms) {}' };
    assert.deepEqual(read(answer), [...answer.queries, answer.sketch]);
  });
  it('may stand in a fence with words around it', () => {
    assert.deepEqual(read('Sure!\n```json\n{"queries": ["throttle"]}\n```\nDone.'), ['throttle']);
  });
  it('may have texts where lists were wanted, and the other way round', () => {
    assert.deepEqual(read({ queries: 'throttle', sketch: ['a()', 'b()'] }), ['throttle', 'a()\nb()']);
  });
  it('keeps what is usable of it', () => {
    assert.deepEqual(read({ queries: [7, null, 'throttle', ''], sketch: { code: 'x' } }), ['throttle']);
    assert.deepEqual(read({ queries: { a: 1 }, sketch: 'limit()' }), ['limit()']);
  });
  it('says nothing that was asked or said already', () => {
    assert.deepEqual(read({ queries: [QUESTION, 'throttle calls', 'Throttle calls!'] }), ['throttle calls']);
  });
  it('is cut to its limits', () => {
    const queries = ['one', 'two', 'three', 'four', 'five'].map((word) => `${word} ${'x'.repeat(500)}`);
    const found = read({ queries, sketch: 'let y;'.repeat(2_000) });
    assert.deepEqual(
      found.map(({ length }) => length),
      [200, 200, 200, 1_500],
    );
  });
  it('is nothing where it cannot be used', () => {
    for (const answer of ['', 'I cannot help with that.', '{"queries": ["thr', '[1, 2]', '{}', 'null', '}{'])
      assert.deepEqual(read(answer), [], answer);
  });
});

it('the question is sent alone, and a pasted log is cut', () => {
  const { user } = expansionQuestion(` ${'x'.repeat(10_000)}`);
  assert.equal(user.length, 1_999);
  assert.equal(expansionQuestion(QUESTION).user, QUESTION);
});

describe('a search that finds few of its words', () => {
  it('is made again with what a model of the fast route wrote, and says so', async () => {
    const asked: SamplingRequest[] = [];
    const said = await search((request) => {
      asked.push(request);
      return Promise.resolve(answer('{"queries": ["throttle calls"], "sketch": "throttle(fn)"}'));
    });
    assert.deepEqual(said.searches, [[], ['throttle calls', 'throttle(fn)']]);
    assert.deepEqual(said.notes, [
      'info: Few words of the question were found. small wrote: “throttle calls”, “throttle(fn)”.',
    ]);
    const [{ route, messages, context } = {}] = asked;
    assert.deepEqual([route, context?.step], ['fast', '7']);
    assert.deepEqual(messages, [{ role: 'user', content: [{ type: 'text', text: QUESTION }] }]);
  });

  const goesOn = async (sample: Sample, note: string | undefined, more: Surroundings = {}): Promise<void> => {
    const said = await search(sample, more);
    assert.deepEqual(said.searches, [[]]);
    assert.match(said.text, /^src\/pace\.js/);
    assert.deepEqual(said.notes, note === undefined ? [] : [note]);
  };
  const alone = 'Searched by the words of the question alone:';

  it('goes on where the run may not pay', () =>
    goesOn(
      () => Promise.resolve({ kind: 'refused', reason: 'The run has spent its budget.' }),
      `info: ${alone} The run has spent its budget.`,
    ));
  it('goes on where no model answers', () =>
    goesOn(
      () => Promise.reject(new StrataError('model-network', 'Nobody answers.', 'Wait.')),
      `warning: ${alone} Nobody answers.`,
    ));
  it('goes on where the answer is of no use', () =>
    goesOn(
      () => Promise.resolve(answer('Hello!')),
      `warning: ${alone} small wrote nothing that can be searched for.`,
    ));
  it('goes on where the model is too slow', () =>
    goesOn(never, `warning: ${alone} no model answered within 20 s.`, { isLate: true }));
  it('asks nobody where that is not wanted or no model is configured', () =>
    goesOn(unasked, undefined, { mayAsk: false }));
  it('asks nobody outside of a run', () => goesOn(unasked, undefined, { isOutside: true }));
  it('asks nobody when enough was found', async () => {
    const { searches } = await search(unasked, { query: 'let pace be' });
    assert.deepEqual(searches, [[]]);
  });

  it('ends with its call', async () => {
    const ending = new AbortController();
    const sample: Sample = (_, signal) => {
      ending.abort(new Error('stopped'));
      return never(_, signal);
    };
    await assert.rejects(search(sample, { signal: ending.signal }), /stopped/);
  });
  it('does not hide a mistake of ours', async () => {
    await assert.rejects(
      search(() => Promise.reject(new TypeError('a mistake'))),
      /a mistake/,
    );
  });
});

interface Surroundings {
  readonly query?: string;
  readonly mayAsk?: boolean;
  readonly isLate?: boolean;
  readonly isOutside?: boolean;
  readonly signal?: AbortSignal;
}

/** One call of `memory_search` on a memory that finds the same whatever is asked. */
async function search(sample: Sample, around: Surroundings = {}) {
  const { query = QUESTION, mayAsk = true, isLate = false, isOutside = false } = around;
  const searches: (readonly string[])[] = [];
  const notes: string[] = [];
  const server = memoryServer(
    {
      recall: () => Promise.resolve([]),
      search: (_, { expansions = [] }) => {
        searches.push(expansions);
        return Promise.resolve([hit('let pace be 1')]);
      },
    },
    askForOtherWords({
      sample,
      mayAsk: () => Promise.resolve(mayAsk),
      after: (_, callback) => {
        if (isLate) queueMicrotask(callback);
        return { dispose: () => undefined };
      },
    }),
  );
  const { content } = await server.call('memory_search', {
    arguments: { query },
    signal: around.signal ?? new AbortController().signal,
    onOutput: () => undefined,
    onNote: (level, text) => notes.push(`${level}: ${text}`),
    ...(isOutside ? {} : { context: { run: 'r-1', step: '7', traceparent: '' } }),
  });
  const [first] = content;
  return { searches, notes, text: first?.type === 'text' ? first.text : '' };
}

function answer(text: string): Awaited<ReturnType<Sample>> {
  return { kind: 'answered', text, model: 'small', stopReason: 'endTurn' };
}

const never: Sample = (_, signal) =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
const unasked: Sample = () => Promise.reject(new Error('a model was asked'));
