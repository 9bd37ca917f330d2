import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAgentFile } from '../../extension/src/core/orchestration/index.ts';
import { isStrataError } from '../../extension/src/base/errors.ts';

function refuses(name: string, text: string, expected: RegExp, file = '.strata/agents/a.agent.md'): void {
  test(name, () => {
    assert.throws(
      () => parseAgentFile(file, text),
      (error) => isStrataError(error) && error.code === 'agent-invalid' && expected.test(error.message),
    );
  });
}

test('front matter and prompt', () => {
  const text = '---\nname: tester\nroute: fast\ntools: [files_read]\nmaxSteps: 5\n---\n\nTest it.\n';
  assert.deepEqual(parseAgentFile('.strata/agents/x.agent.md', text), {
    name: 'tester',
    description: '',
    route: 'fast',
    tools: ['files_read'],
    maxSteps: 5,
    prompt: 'Test it.',
  });
});

test('without front matter the file gives the name, and the defaults hold', () => {
  const agent = parseAgentFile('.strata/agents/helper.agent.md', 'Help.');
  assert.equal(agent.name, 'helper');
  assert.equal(agent.route, 'code');
  assert.deepEqual(agent.tools, ['memory_*', 'files_*', 'shell_*']);
});

test('a byte order mark and Windows line ends make no difference', () => {
  assert.equal(
    parseAgentFile('.strata/agents/a.agent.md', '\uFEFF---\r\nname: b\r\n---\r\nGo.\r\n').name,
    'b',
  );
});

test('a file of VS Code’s own is read for who the agent is', () => {
  const text =
    "---\nname: Code Reviewer\ntools: { search: true }\nmodel: ['GPT-5']\nhandoffs:\n  - label: x\n---\nReview.";
  const agent = parseAgentFile('.github/agents/reviewer.agent.md', text);
  assert.equal(agent.name, 'Code Reviewer');
  assert.deepEqual(agent.tools, ['memory_*', 'files_*', 'shell_*']);
});

refuses('a value of the wrong type, with its line', '---\nname: a\nmaxSteps: many\n---\nx', /:3: maxSteps: /);
refuses('a key that is not known, with its line', '---\nname: a\nmodle: x\n---\nx', /:3: modle: /);
refuses('YAML that is none, with its line', '---\nname: a\ntools: [\n---\nx', /:\d: /);
refuses('front matter without an end', '---\nname: a\nx', /:1: the front matter has no closing line/);
refuses('an empty prompt', '---\nname: a\n---\n\n', /the prompt below the front matter is empty/);
refuses('a name of two words', '---\nname: two words\n---\nx', /:2: name: /);
refuses('front matter that is a list', '---\n- a\n---\nx', /:1: /);

const grown = [...'bcdefgh'].map((name, index) => {
  const before = 'abcdefg'[index] ?? '';
  return `${name}: &${name} [${Array<string>(10).fill(`*${before}`).join(', ')}]`;
});
refuses(
  'aliases that would fill the memory',
  `---\na: &a [x, x]\n${grown.join('\n')}\n---\nx`,
  /:1: .*alias/i,
);

test('a name of VS Code’s own is kept on one line', () => {
  const text = '---\nname: "My\\n\\e[31mPlanner"\n---\nPlan.';
  assert.equal(parseAgentFile('.github/agents/planner.agent.md', text).name, 'My [31mPlanner');
});
