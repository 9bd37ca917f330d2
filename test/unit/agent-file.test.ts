import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import {
  builtInAgents,
  parseAgentFile,
  reachableAgents,
  readAgentFile,
  readDefinitions,
} from '../../extension/src/core/orchestration/agent-file/index.ts';
import { READING_TOOLS } from '../../extension/src/core/orchestration/agent-file/tool-names.ts';
import { shown } from '../support/mistakes.ts';

function refuses(name: string, text: string, expected: RegExp, file = '.strata/agents/a.agent.md'): void {
  test(name, () => {
    assert.throws(
      () => parseAgentFile(file, text),
      (error) => isStrataError(error) && error.code === 'agent-invalid' && expected.test(error.message),
    );
  });
}

/** The mistakes of several files that stand in one folder, as `path:line:column-column code message`. */
function finds(name: string, files: Readonly<Record<string, string>>, expected: readonly string[]): void {
  test(name, () => {
    const sources = Object.entries(files).map(([path, text]) => ({ path, text }));
    const found = readDefinitions(sources, ['code', 'fast']).files.flatMap(({ path, mistakes }) =>
      shown(mistakes).map((line) => `${path}:${line}`),
    );
    assert.deepEqual(found, expected);
  });
}

test('front matter and prompt', () => {
  const text = [
    '---',
    'name: tester',
    'description: Tests.',
    'route: fast',
    'tools: [files_read]',
    'agents: [explorer]',
    'handOvers:',
    '  - coder',
    'budget: 1.5',
    'maxSteps: 5',
    'memory: false',
    'isolation: workspace',
    '---',
    '',
    'Test it.',
    '',
  ].join('\n');
  assert.deepEqual(parseAgentFile('.strata/agents/x.agent.md', text), {
    name: 'tester',
    description: 'Tests.',
    route: 'fast',
    tools: ['files_read'],
    agents: ['explorer'],
    handOvers: ['coder'],
    budget: 1.5,
    maxSteps: 5,
    memory: false,
    isolation: 'workspace',
    prompt: 'Test it.',
  });
});

test('without front matter the file gives the name, and the defaults hold', () => {
  assert.deepEqual(parseAgentFile('.strata/agents/helper.agent.md', 'Help.'), {
    name: 'helper',
    description: '',
    route: 'code',
    tools: ['*'],
    agents: [],
    handOvers: [],
    maxSteps: 50,
    memory: true,
    prompt: 'Help.',
  });
});

test('a byte order mark and Windows line ends make no difference', () => {
  assert.equal(
    parseAgentFile('.strata/agents/a.agent.md', '\uFEFF---\r\nname: b\r\n---\r\nGo.\r\n').name,
    'b',
  );
});

refuses('a value of the wrong type, with its line', '---\nname: a\nmaxSteps: many\n---\nx', /:3: maxSteps: /);
refuses('a key that is not known, with its line', '---\nname: a\nmodle: x\n---\nx', /:3: modle: /);
refuses('YAML that is none, with its line', '---\nname: a\ntools: [\n---\nx', /:\d: /);
refuses('front matter without an end', '---\nname: a\nx', /:1: the front matter has no closing line/);
refuses('an empty prompt', '---\nname: a\n---\n\n', /the prompt below the front matter is empty/);
refuses('a name of two words', '---\nname: two words\n---\nx', /:2: name: /);
refuses('front matter that is a list', '---\n- a\n---\nx', /:2: the front matter must be lines/);
refuses('a budget of nothing', '---\nbudget: 0\n---\nx', /:2: budget: must be a number of dollars above 0/);

const grown = [...'bcdefgh'].map((name, index) => {
  const before = 'abcdefg'[index] ?? '';
  return `${name}: &${name} [${Array<string>(10).fill(`*${before}`).join(', ')}]`;
});
refuses(
  'aliases that would fill the memory',
  `---\na: &a [x, x]\n${grown.join('\n')}\n---\nx`,
  /:2: .*alias/i,
);

test('every mistake is found, each with its place and what was probably meant', () => {
  const text = [
    '---',
    'name: two words',
    'descripton: x',
    'tools: files_read',
    'maxSteps: many',
    'memory: yes please',
    'isolation: copies',
    'name: other',
    '---',
    '',
  ].join('\n');
  const { mistakes } = readAgentFile('.strata/agents/a.agent.md', text);
  assert.deepEqual(shown(mistakes), [
    '3:1-11 error unknown-key descripton: is not known here. Did you mean “description”?',
    '4:8-18 error wrong-value tools: must be a list such as [a, b]',
    '5:11-15 error wrong-value maxSteps: must be a whole number from 1 to 1000',
    '6:9-19 error wrong-value memory: must be true or false',
    '7:12-18 error wrong-value isolation: must be copy or workspace',
    '8:1-5 error duplicate-key name: stands here twice',
    '9:1-4 error no-prompt the prompt below the front matter is empty',
  ]);
  assert.equal(mistakes.find(({ code }) => code === 'unknown-key')?.replacement, 'description');
});

finds(
  'names that lead nowhere',
  {
    '.strata/agents/lead.agent.md':
      '---\nroute: fsat\ntools: [files_raed, shell_*, agents_run, clock_*]\nagents: [explorr, lead]\nhandOvers: [nobody]\n---\nx',
  },
  [
    '.strata/agents/lead.agent.md:2:8-12 warning unknown-route route: there is no route “fsat”. Did you mean “fast”?',
    '.strata/agents/lead.agent.md:3:9-19 warning unknown-tool tools: there is no tool “files_raed”. Did you mean “files_read”?',
    '.strata/agents/lead.agent.md:3:30-40 warning needless-tool tools: “agents” and “handOvers” give the tools for that; they need not stand here.',
    '.strata/agents/lead.agent.md:3:42-49 warning unknown-tool tools: no tool matches “clock_*”.',
    '.strata/agents/lead.agent.md:4:10-17 error unknown-agent agents: there is no agent “explorr”. Did you mean “explorer”?',
    '.strata/agents/lead.agent.md:4:19-23 error names-itself agents: an agent cannot call or follow itself. Take it out of the list.',
    '.strata/agents/lead.agent.md:5:13-19 error unknown-agent handOvers: there is no agent “nobody”.',
  ],
);

finds(
  'a name that is taken twice in the folder',
  { '.strata/agents/a.agent.md': 'x', '.strata/agents/b.agent.md': '---\nname: a\n---\nx' },
  [
    '.strata/agents/b.agent.md:2:7-8 error name-taken name: “a” is the agent of .strata/agents/a.agent.md already.',
  ],
);

finds(
  'agents that hand back to each other make no mistake',
  {
    '.strata/agents/a.agent.md': '---\nhandOvers: [b]\n---\nx',
    '.strata/agents/b.agent.md': '---\nhandOvers: [a]\n---\nx',
  },
  [],
);

test('a file of VS Code’s own is read for what maps, and nothing in it is a mistake', () => {
  const text = [
    '---',
    'name: "Code\\n\\e[31mReviewer"',
    "tools: ['read', 'search/codebase', 'github/*']",
    "model: ['GPT-5']",
    'user-invocable: maybe',
    'agents: [Explorer, gone]',
    'handoffs:',
    '  - label: Fix it',
    '    agent: fixer',
    '    prompt: Fix it.',
    '---',
    'Review.',
  ].join('\n');
  const { agents, files } = readDefinitions([
    { path: '.github/agents/reviewer.agent.md', text },
    {
      path: '.github/agents/fixer.agent.md',
      text: '---\nname: Bug Fixer\ntools: [edit, execute]\n---\nFix.',
    },
  ]);
  assert.deepEqual(
    files.flatMap(({ mistakes }) => mistakes),
    [],
  );
  const agent = agents.get('Code [31mReviewer');
  assert.deepEqual(agent?.tools, READING_TOOLS);
  assert.deepEqual(agent.agents, ['explorer']);
  assert.deepEqual(agent.handOvers, ['Bug Fixer']);
  assert.deepEqual(agents.get('Bug Fixer')?.tools.slice(-2), ['files_*', 'shell_*']);
});

test('a list of tools in a form that is not known leaves the usual ones', () => {
  const agent = parseAgentFile('.github/agents/x.agent.md', '---\ntools: { search: true }\n---\nx');
  assert.deepEqual(agent.tools, ['*']);
});

test('an agent of .strata takes the place of one of .github, and that of a built-in one', () => {
  const { agents } = readDefinitions([
    { path: '.strata/agents/coder.agent.md', text: 'Mine.' },
    { path: '.github/agents/coder.agent.md', text: 'Theirs.' },
  ]);
  assert.equal(agents.get('coder')?.prompt, 'Mine.');
});

test('a file with an error leaves no other agent of its name to be started by accident', () => {
  const { agents } = readDefinitions([
    { path: '.strata/agents/coder.agent.md', text: '---\nx: 1\n---\nMine.' },
  ]);
  assert.equal(agents.has('coder'), false);
});

test('the built-in agents name tools and agents that exist', () => {
  const files = builtInAgents.map(({ name, tools, agents, handOvers, route, prompt }) => ({
    path: `.strata/agents/${name}.agent.md`,
    text: `---\n${JSON.stringify({ tools, agents, handOvers, route })}\n---\n${prompt}`,
  }));
  const found = readDefinitions(files, ['code', 'reasoning']).files.flatMap(({ mistakes }) =>
    shown(mistakes),
  );
  assert.deepEqual(found, []);
});

test('what an agent can reach by calls and hand-overs, in a circle or not', () => {
  const { agents } = readDefinitions([
    { path: '.strata/agents/a.agent.md', text: '---\nagents: [b]\n---\nx' },
    { path: '.strata/agents/b.agent.md', text: '---\nhandOvers: [a, explorer]\n---\nx' },
  ]);
  assert.deepEqual(Object.keys(reachableAgents(['a'], agents)), ['a', 'b', 'explorer']);
  assert.deepEqual(Object.keys(reachableAgents(['planner'], agents)), [
    'planner',
    'coder',
    'explorer',
    'reviewer',
  ]);
});

test('an agent that is not there is named, with the file that would hold it', () => {
  assert.throws(
    () => reachableAgents(['ghost'], new Map()),
    (error) =>
      isStrataError(error) &&
      error.code === 'unknown-agent' &&
      /\.strata\/agents\/ghost\.agent\.md/.test(error.action),
  );
});
