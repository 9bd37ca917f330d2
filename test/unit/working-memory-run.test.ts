import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import { readConversation } from '../../extension/src/protocol/conversation.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { AssistantMessage } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { ModelError } from '../../extension/src/core/models/index.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { WorldOptions } from '../support/small-world.ts';

const NOTES = '## Facts found\n- a.txt:1 is long';

/** Works for so many turns, each of which changes a file, and sums up when it is asked to. */
function worker(turns: number, most = Number.POSITIVE_INFINITY): WorldOptions['model'] {
  let done = 0;
  return (messages): AssistantMessage => {
    if (textOf(messages[0] ?? assert.fail()).startsWith('You condense')) return says(NOTES);
    if (messages.map(textOf).join('').length > most)
      throw new ModelError('context-length', 'The request is too long.', 'Make it shorter.');
    done += 1;
    if (done > turns) return says('done');
    return calls('files_append', { path: `${done % 3}.txt`, text: `${done} ${'more '.repeat(40)}` });
  };
}

for (const [name, model, contextTokens] of [
  ['a long run is condensed on the way', () => worker(40), 4_000],
  ['a model with less room than was thought makes the run condense', () => worker(40, 6_000), 100_000],
] as const) {
  test(`${name}, and its replay is equal`, async (t) => {
    const small = smallWorld({
      model: model(),
      callTool: (tool, given) => {
        if (tool !== 'files_append') return undefined;
        small.files.set(JSON.stringify(given['path']).slice(1, -1), JSON.stringify(given['text']));
        return { content: [{ type: 'text', text: 'appended '.repeat(30) }], isError: false };
      },
    });
    t.after(() => small.dispose());
    const { run, ended } = startRun(small.environment, {
      ...inputFor('Write it down.', { '*': 'allow' }, { maxSteps: 200 }),
      contextTokens,
    });
    const end = await ended;
    assert.equal(end.status, 'succeeded', String(end.error));

    const view = foldRun(small.store.read(run)) ?? assert.fail();
    const condensings = view.steps.filter(({ kind }) => kind === 'condense');
    assert.ok(condensings.length >= 1 && condensings.length <= 9, `${condensings.length} condensings`);
    const last = view.steps.findLast(({ kind }) => kind === 'chat') ?? assert.fail();
    assert.ok(last.context && last.context.leftOut.messages > 0);
    const { conversation } = JSON.parse(JSON.stringify('inline' in last.input ? last.input.inline : {})) as {
      conversation: string;
    };
    const messages = readConversation((id) => small.store.getBlob(id), conversation);
    assert.equal(textOf(messages[1] ?? assert.fail()), 'Write it down.');
    const summary = textOf(messages[2] ?? assert.fail());
    assert.match(summary, /## Facts found\n- a.txt:1 is long\n/);
    assert.match(summary, /## Files changed so far\n- 0.txt \(.+\)\n- 1.txt \(.+\)\n- 2.txt \(.+\)/);

    const asked = small.asked.models;
    const { verdict, divergence } = await replayRun(small.store, run, () => undefined);
    assert.equal(verdict, 'equal', JSON.stringify(divergence));
    assert.equal(small.asked.models, asked);
  });
}
