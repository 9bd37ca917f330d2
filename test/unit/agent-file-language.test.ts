import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInAgents, BUILT_IN_TOOLS } from '../../extension/src/core/orchestration/agent-file/index.ts';
import { cursorIn } from '../../extension/src/vscode/agent-files/cursor.ts';
import {
  meaningOf,
  suggestionsAt,
  type FileKind,
} from '../../extension/src/vscode/agent-files/suggestions.ts';

const known = {
  agents: new Map(builtInAgents.map(({ name, description }) => [name, description])),
  tools: BUILT_IN_TOOLS,
  routes: ['code', 'fast'],
};

/** `|` is the cursor. */
function at(text: string): { readonly text: string; readonly place: { line: number; character: number } } {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  return {
    text: text.replace('|', ''),
    place: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
  };
}

function where(name: string, before: string, expected: string): void {
  test(`the cursor is known ${name}`, () => {
    const { path, place, word } = cursorIn(before);
    assert.equal(`${path.join('.')} ${place} ${word}`.trim(), expected);
  });
}

function offers(name: string, kind: FileKind, marked: string, expected: readonly string[] | RegExp): void {
  test(name, () => {
    const { text, place } = at(marked);
    const labels = suggestionsAt(kind, text, place, known).items.map(({ label }) => label);
    if (expected instanceof RegExp) assert.match(labels.join(' '), expected);
    else assert.deepEqual(labels, expected);
  });
}

where('at a key', 'name: a\nrou', 'key rou');
where('at a value', 'name: a\nroute: fa', 'route value fa');
where('in a list in brackets', 'tools: [memory_*, fi', 'tools item fi');
where('in a list with dashes', 'tools:\n  - fi', 'tools item fi');
where('in nested lines', 'nodes:\n  plan:\n    ag', 'nodes.plan key ag');
where('in braces', 'nodes:\n  plan: { agent: co', 'nodes.plan.agent value co');
where('in braces in braces', 'nodes:\n  fix: { map: { over: plan.answer, ag', 'nodes.fix.map key ag');
where('at the second key of an item', 'edges:\n  - from: a\n    t', 'edges key t');
where('after a blank line and a comment', 'nodes:\n  a:\n    agent: b\n\n# next\n  c:\n    ', 'nodes.c key');
where('in quotes with a brace', 'nodes:\n  a: { task: "a { b", ag', 'nodes.a key ag');

offers('routes', 'agent', '---\nroute: |\n---\nx', ['code', 'fast']);
offers('agents', 'agent', '---\nhandOvers: [cod|]\n---\nx', ['coder', 'explorer', 'reviewer', 'planner']);
offers(
  'tools, by server and one by one',
  'agent',
  '---\ntools:\n  - |\n---\nx',
  /^memory_\* files_\* shell_\* code_\* git_\* web_\* memory_search/,
);
offers(
  'the keys of an agent',
  'agent',
  '---\n|\n---\nx',
  /name description route tools agents handOvers budget/,
);
offers('nothing in the prompt', 'agent', '---\nname: a\n---\nrou|', []);
offers('nothing where there is no front matter', 'agent', 'rou|', []);
offers('the kinds of a node', 'workflow', 'nodes:\n  a:\n    |', [
  'agent',
  'task',
  'map',
  'critic',
  'discussion',
  'retries',
  'timeLimit',
]);
offers('the keys of a critic', 'workflow', 'nodes:\n  a:\n    critic:\n      |', [
  'author',
  'critic',
  'task',
  'rounds',
]);
offers('agents for a critic', 'workflow', 'nodes:\n  a:\n    critic:\n      critic: |', /reviewer/);
offers('nodes for an edge', 'workflow', 'nodes:\n  a: {}\n  b: {}\nedges:\n  - { from: a, to: | }', [
  'a',
  'b',
]);
offers(
  'answers in a text of several lines',
  'workflow',
  'nodes:\n  a: {}\n  b:\n    task: |-\n      Do {{'.replace('|-', '>-').concat('|'),
  ['task', 'item', 'a.answer', 'b.answer'],
);

test('a key says what it means and what holds without it', () => {
  const { text, place } = at('---\nmaxSteps|: 5\n---\nx');
  assert.match(meaningOf('agent', text, place, known) ?? '', /Model calls[\s\S]*Without it: `50`/);
});

test('an agent says what it is for', () => {
  const { text, place } = at('nodes:\n  a: { agent: coder| }');
  assert.match(meaningOf('workflow', text, place, known) ?? '', /Plans a change/);
});

test('a word of the prompt has no meaning of ours', () => {
  const { text, place } = at('---\nname: a\n---\nroute|');
  assert.equal(meaningOf('agent', text, place, known), undefined);
});
