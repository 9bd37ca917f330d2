import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Memory } from '../../extension/src/core/memory/index.ts';
import {
  BUILT_IN_TOOLS,
  parseWorkflowFile,
  readDefinitions,
} from '../../extension/src/core/orchestration/agent-file/index.ts';
import { suggestionsAt } from '../../extension/src/vscode/agent-files/suggestions.ts';
import { memoryServer } from '../../extension/src/core/tools/index.ts';
import { loadAgents, type LoadedAgents } from '../../extension/src/node/agents/load-agents.ts';
import { toolsFor as codeTools, type Notebooks } from '../../mcp-servers/code/src/tools.ts';
import { toolsFor } from '../../mcp-servers/files/src/tools/index.ts';
import type { Repository } from '../../mcp-servers/git/src/repository.ts';
import { toolsFor as gitTools } from '../../mcp-servers/git/src/tools/index.ts';
import { ProgramRunner } from '../../mcp-servers/run.ts';
import { runTool } from '../../mcp-servers/shell/src/run-tool.ts';
import { fetchTool } from '../../mcp-servers/web/src/fetch-tool.ts';

async function loaded(files: Readonly<Record<string, string>>): Promise<LoadedAgents> {
  const folder = await mkdtemp(path.join(tmpdir(), 'strata-agents-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    return await loadAgents(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const messages = ({ mistakes }: LoadedAgents): string[] =>
  [...mistakes].map(([name, { code, message }]) => `${name}: ${code} ${message}`);

test('a folder without files has the built-in agents', async () => {
  const found = await loaded({});
  assert.deepEqual([...found.agents.keys()], ['coder', 'explorer', 'reviewer', 'planner']);
  assert.equal(found.workflows.size + found.mistakes.size, 0);
});

test('agents, workflows and the mistakes of those that cannot be used', async () => {
  const found = await loaded({
    '.strata/agents/tester.agent.md': 'Test.',
    '.strata/agents/lead.agent.md': '---\nname: boss\nagents: [testr]\n---\nLead.',
    '.strata/agents/notes.md': 'No agent.',
    '.strata/agents/big.agent.md': 'x'.repeat(300_000),
    '.strata/workflows/fix.workflow.yaml': 'nodes:\n  a: { agent: tester }',
    '.strata/workflows/bad.workflow.yml': 'nodes:\n  a: { agent: gone }',
    '.strata/workflows/coder.workflow.yaml': 'nodes:\n  a: { agent: tester }',
  });
  assert.ok(found.agents.has('tester') && found.agents.has('coder') && !found.agents.has('boss'));
  assert.deepEqual([...found.workflows.keys()], ['fix']);
  assert.deepEqual(messages(found), [
    'big: agent-invalid .strata/agents/big.agent.md is larger than 256 KB.',
    'boss: agent-invalid .strata/agents/lead.agent.md:3: agents: there is no agent “testr”. Did you mean “tester”?',
    'bad: workflow-invalid .strata/workflows/bad.workflow.yml:2: there is no agent “gone”.',
    '.strata/workflows/coder.workflow.yaml: workflow-invalid .strata/workflows/coder.workflow.yaml:1: name: “coder” is an agent already.',
  ]);
});

test('a good file of .strata makes up for a bad one of .github', async () => {
  const found = await loaded({
    '.github/agents/helper.agent.md': '---\n[\n---\nx',
    '.strata/agents/helper.agent.md': 'Help.',
  });
  assert.equal(found.agents.get('helper')?.prompt, 'Help.');
  assert.deepEqual(messages(found), []);
});

test('the tools that agent files are checked against are those of the servers', async () => {
  const untouched: unknown = new Proxy({}, { get: () => assert.fail('a list of tools does no work') });
  const memory = await memoryServer(untouched as Memory).list(AbortSignal.timeout(1000));
  const names = [
    ...memory.map(({ name }) => name),
    ...toolsFor('/workspace', { readOnly: false }).map(({ definition }) => `files_${definition.name}`),
    `shell_${runTool('/workspace', new ProgramRunner()).definition.name}`,
    ...codeTools({ python: untouched, javascript: untouched } as Notebooks).map(
      ({ definition }) => `code_${definition.name}`,
    ),
    ...gitTools(untouched as Repository).map(({ definition }) => `git_${definition.name}`),
    `web_${fetchTool({}).definition.name}`,
  ];
  assert.deepEqual(names.toSorted(), BUILT_IN_TOOLS.toSorted());
});

const readme = readFileSync(path.join(import.meta.dirname, '../../README.md'), 'utf8');
const agentExample = exampleIn('markdown');
const workflowExample = exampleIn('yaml');

/** The first block of that language. */
function exampleIn(language: string): string {
  const [, text] = new RegExp(`\\n\`\`\`${language}\\n([\\s\\S]*?)\`\`\`\\n`).exec(readme) ?? [];
  assert.ok(text, `README.md has an example in ${language}`);
  return text;
}

test('the examples of the README are read without a word of complaint', async () => {
  const { files } = readDefinitions(
    [
      { path: '.strata/agents/tester.agent.md', text: agentExample },
      { path: '.strata/workflows/plan-and-do.workflow.yaml', text: workflowExample },
    ],
    ['code', 'reasoning', 'fast', 'long-context'],
  );
  assert.deepEqual(
    files.flatMap(({ mistakes }) => mistakes),
    [],
  );
  assert.equal(parseWorkflowFile('x.workflow.yaml', workflowExample).workflow?.edges.length, 6);
});

test('a file is read, and helped with, at every moment of being typed', () => {
  const known = { agents: new Map<string, string>(), tools: BUILT_IN_TOOLS, routes: [] };
  for (const [kind, path, text] of [
    ['agent', '.strata/agents/a.agent.md', agentExample],
    ['agent', '.github/agents/a.agent.md', agentExample],
    ['workflow', '.strata/workflows/a.workflow.yaml', workflowExample],
  ] as const) {
    for (let end = 0; end <= text.length; end++) {
      const typed = text.slice(0, end);
      const lines = typed.split('\n');
      const place = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      const { files } = readDefinitions([{ path, text: typed }]);
      assert.equal(files.length, 1);
      for (const { range } of files[0]?.mistakes ?? []) {
        assert.ok(range.start.line <= range.end.line && range.end.line <= lines.length, `${path} at ${end}`);
      }
      assert.ok(Array.isArray(suggestionsAt(kind, typed, place, known).items));
    }
  }
});
