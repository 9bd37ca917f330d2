import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { dockerAnswers, needsDocker } from '../harness/docker.ts';
import { partsOf, pictureOnFailure, startSession } from './page/session.ts';

/** A window and its extension host on a busy machine. */
const openLimitMs = 120_000;
const buildLimitMs = 300_000;
const shell = { network: ['registry.npmjs.org'] };

test('a person looks at the tools, adds a server, calls one of its tools and reads the trace', async (t) => {
  if (!(await dockerAnswers())) {
    t.skip(needsDocker);
    return;
  }
  const source = await mkdtemp(path.join(tmpdir(), 'strata-tools-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  await cp(path.join(projectRoot, 'examples', 'sample-workspace'), source, { recursive: true });
  await mkdir(path.join(source, '.strata'));
  await writeFile(path.join(source, '.strata', 'tools.jsonc'), JSON.stringify({ servers: { shell } }));
  const session = await startSession({ workspace: source, settings: { 'chat.disableAIFeatures': false } });
  t.after(session.close);
  const bench = await session.open();
  const { page } = bench;
  const panel = bench.webview('panel');
  const server = (name: string): Locator =>
    page.locator('.part.sidebar').locator(`[role="treeitem"][aria-label^="server ${name},"]`);
  const row = (label: string): Locator =>
    page
      .locator('.quick-input-widget .monaco-list-row')
      .filter({ has: page.getByText(label, { exact: true }) });

  const part = partsOf(t, bench);

  await part('the view shows the built-in servers, and what one may have beyond the sandbox', async () => {
    await bench.setTheme('dark');
    await bench.openContainer('Strata');
    await bench.giveRoomTo('Tools');
    for (const name of ['files', 'shell', 'code', 'git', 'web'])
      await server(name).waitFor({ timeout: openLimitMs });
    assert.match((await server('shell').getAttribute('aria-label')) ?? '', /may: .*registry\.npmjs\.org/);
    await bench.expand(server('shell'));
    await page
      .locator('.part.sidebar')
      .getByText(/May: .*registry\.npmjs\.org/)
      .waitFor();
  });

  await part('a server is set up with its button, and lists its tools', async () => {
    if (/not set up/.test((await server('files').getAttribute('aria-label')) ?? '')) {
      await server('files').hover();
      await server('files').getByRole('button', { name: 'Set Up MCP Server' }).click();
    }
    await page
      .locator(
        '[role="treeitem"][aria-label^="server files, ready"], [role="treeitem"][aria-label^="server files, running"]',
      )
      .waitFor({ timeout: buildLimitMs });
  });

  await part('a server is added step by step, and a step back keeps what was said', async () => {
    await bench.runCommandAndPick('Strata: Add MCP Server…', 'npm package');
    await page.getByText('The package, with a version').waitFor();
    await bench.quickInput.fill('../elsewhere');
    await page.keyboard.press('Enter');
    await page.getByText('no name of an npm package').waitFor();
    await bench.answer('npx -y @modelcontextprotocol/server-memory@2025.8.4');
    await page.getByText('Its name, which its tools’ names begin with').waitFor();
    assert.equal(await bench.quickInput.inputValue(), 'memory');
    await bench.answer('graph');
    await page.getByPlaceholder('Which files may it have?').waitFor();
    await page.locator('.quick-input-widget').getByRole('button', { name: 'Back' }).click();
    await page.getByText('Its name, which its tools’ names begin with').waitFor();
    assert.equal(await bench.quickInput.inputValue(), 'graph');
    await bench.answer('graph');
    await bench.screenshot('tools-add-files-dark');
    await bench.pick('No files');
    await page.getByText('Hosts that it may reach').waitFor();
    await bench.answer('');
    await page.getByText('Names of secrets').waitFor();
    await bench.answer('');
  });

  await part('before anything of it starts, the person is asked in plain words', async () => {
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByText('Set up the MCP server “graph”?').waitFor();
    await dialog.getByText(/@modelcontextprotocol\/server-memory/).waitFor();
    await bench.screenshot('tools-consent-dark');
    await dialog.getByRole('button', { name: 'Set Up' }).click();
    await bench.notification(/The MCP server graph is set up: \d+ tools/).waitFor({ timeout: buildLimitMs });
    assert.match(
      await readFile(path.join(session.workspace, '.mcp.json'), 'utf8'),
      /server-memory@2025\.8\.4/,
    );
    await page.locator('.part.sidebar').getByText('read_graph', { exact: true }).waitFor();
  });

  for (const theme of ['light', 'dark'] as const) {
    await part(`the view reads well in the ${theme} theme`, async () => {
      await bench.setTheme(theme);
      await bench.dismissNotifications();
      await server('graph').click();
      await bench.screenshot(`tools-view-${theme}`);
    });
  }

  await part('a tool is called through a form, which asks for what is missing', async () => {
    await bench.runCommand('Strata: Call Tool…');
    await row('create_entities').waitFor();
    await bench.screenshot('tools-pick-dark');
    await bench.quickInput.fill('search_nodes');
    await page.keyboard.press('Enter');
    await row('Call graph_search_nodes').waitFor();
    await page
      .locator('.quick-input-widget')
      .getByText(/query is required/)
      .waitFor();
    await bench.screenshot('tools-form-dark');
    await row('query *').click();
    await page.getByText('Call graph_search_nodes: query').waitFor();
    await bench.answer('nothing yet');
    await row('Call graph_search_nodes').waitFor();
    await page.locator('.quick-input-widget').getByText('nothing yet').waitFor();
    await bench.screenshot('tools-form-filled-dark');
    await row('Call graph_search_nodes').click();
    await page.getByRole('tab', { name: /graph_search_nodes\.md/ }).waitFor({ timeout: buildLimitMs });
    await page
      .locator('.editor-instance')
      .getByText(/It.answered.after/)
      .waitFor();
    await bench.screenshot('tools-result-dark');
  });

  await part('its trace is opened from the result, and is accessible', async () => {
    await page
      .getByRole('button', { name: /Open Trace/ })
      .first()
      .click();
    await panel
      .getByRole('treeitem', { name: /graph_search_nodes/ })
      .first()
      .click();
    await panel.getByRole('tab', { name: 'Input' }).click();
    await panel.getByText('nothing yet').first().waitFor();
    assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
    await bench.screenshot('tools-trace-dark');
  });

  await part('a mistake in a file is a row that leads to its place', async () => {
    const file = path.join(session.workspace, '.strata', 'tools.jsonc');
    await writeFile(file, '{\n  "servers": { "shell": { "network": "all" } }\n}\n');
    const mistake = bench.treeItem(/tools\.jsonc:2/);
    await mistake.waitFor();
    await mistake.click();
    await page.getByRole('tab', { name: /tools\.jsonc/ }).waitFor();
    await bench.screenshot('tools-mistake-dark');
    await writeFile(file, '{}\n');
    await mistake.waitFor({ state: 'hidden' });
  });

  await part('the editor’s own agents are offered the servers', async () => {
    await bench.runCommand('MCP: List Servers');
    await row('Strata files').waitFor();
    await row('Strata graph').waitFor();
    await bench.screenshot('tools-mcp-servers-dark');
    await page.keyboard.press('Escape');
  });

  await part('a server is removed, with its entry in the file', async () => {
    await server('graph').click({ button: 'right' });
    await bench.chooseFromMenu('Remove MCP Server');
    await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' }).click();
    await server('graph').waitFor({ state: 'hidden' });
    assert.doesNotMatch(await readFile(path.join(session.workspace, '.mcp.json'), 'utf8'), /graph/);
  });

  await part('no error went uncaught', async () => {
    assert.deepEqual(bench.errors, []);
  });
});

/** A server of a folder, in one file: its tool asks the person something before it answers. */
const clock = `import { createInterface } from 'node:readline';
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const requestedSchema = {
  type: 'object',
  properties: {
    hour: { type: 'integer', title: 'Hour', minimum: 0, maximum: 23 },
    urgent: { type: 'boolean', title: 'Urgent' },
  },
  required: ['hour'],
};
let call;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params, result } = JSON.parse(line);
  if (method === 'initialize') {
    const { protocolVersion } = params;
    send({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'clock', version: '1.0.0' } } });
  } else if (method === 'tools/list') {
    const inputSchema = { type: 'object', properties: {} };
    send({ id, result: { tools: [{ name: 'remind', description: 'Reminds of something.', inputSchema }] } });
  } else if (method === 'tools/call') {
    call = id;
    send({ id: 'q', method: 'elicitation/create', params: { message: 'When shall I remind you?', requestedSchema } });
  } else if (id === 'q') send({ id: call, result: { content: [{ type: 'text', text: JSON.stringify(result) }] } });
  else if (id !== undefined) send({ id, error: { code: -32601, message: 'Method not found' } });
}
`;

test('a folder that brings a server says so once, and nothing of it runs before the person agrees', async (t) => {
  if (!(await dockerAnswers())) {
    t.skip(needsDocker);
    return;
  }
  const source = await mkdtemp(path.join(tmpdir(), 'strata-brought-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  const mcpServers = { clock: { command: 'node', args: ['clock.mjs'] } };
  await mkdir(path.join(source, '.strata'));
  await Promise.all([
    writeFile(path.join(source, '.mcp.json'), JSON.stringify({ mcpServers })),
    writeFile(path.join(source, '.strata/tools.jsonc'), '{ "servers": { "clock": { "files": "read" } } }'),
    writeFile(path.join(source, 'clock.mjs'), clock),
  ]);
  const session = await startSession({ workspace: source });
  t.after(session.close);
  const bench = await session.open();
  const { page } = bench;
  const told = bench.notification(/This folder brings an MCP server that is not set up: clock/);
  const clockIs = (state: string): Locator =>
    page.locator(`[role="treeitem"][aria-label^="server clock, ${state}"]`);
  const row = (label: string): Locator =>
    page
      .locator('.quick-input-widget .monaco-list-row')
      .filter({ has: page.getByText(label, { exact: true }) });

  await t.test('it is told of once, also after a reload', (inner) =>
    pictureOnFailure(inner, bench, async () => {
      await told.waitFor({ timeout: openLimitMs });
      await bench.screenshot('tools-brought-dark');
      await page.reload();
      await page.locator('.activitybar a[aria-label^="Strata"]').waitFor({ timeout: openLimitMs });
      await bench.openContainer('Strata');
      await clockIs('not set up').waitFor({ timeout: openLimitMs });
      assert.equal(await told.count(), 0);
    }),
  );

  await t.test('the person reads what it is and may, and sets it up', (inner) =>
    pictureOnFailure(inner, bench, async () => {
      await clockIs('not set up').hover();
      await clockIs('not set up').getByRole('button', { name: 'Set Up MCP Server' }).click();
      const dialog = page.locator('.monaco-dialog-box');
      await dialog.getByText('Set up the MCP server “clock”?').waitFor();
      await dialog.getByText(/node clock\.mjs/).waitFor();
      await bench.screenshot('tools-brought-consent-dark');
      await dialog.getByRole('button', { name: 'Set Up' }).click();
      await clockIs('ready · 1 tool')
        .or(clockIs('running · 1 tool'))
        .first()
        .waitFor({ timeout: buildLimitMs });
    }),
  );

  await t.test('it asks in the middle of a call, and reads the answer', (inner) =>
    pictureOnFailure(inner, bench, async () => {
      await bench.runCommand('Strata: Call Tool…');
      await bench.quickInput.fill('remind');
      await page.keyboard.press('Enter');
      await row('Call clock_remind').click();
      const asks = bench.notification(/The MCP server clock asks: “When shall I remind you\?”/);
      await asks.getByRole('button', { name: 'Answer' }).click({ timeout: buildLimitMs });
      await row('Hour *').click();
      await bench.quickInput.fill('24');
      await page.getByText('It may be at most 23.').waitFor();
      await bench.answer('7');
      await row('Send this answer').waitFor();
      await bench.screenshot('tools-question-dark');
      await row('Send this answer').click();
      await page
        .locator('.editor-instance')
        .getByText(/"action":."accept"/)
        .waitFor({ timeout: buildLimitMs });
      await page
        .locator('.editor-instance')
        .getByText(/"hour":.7/)
        .waitFor();
      assert.deepEqual(bench.errors, []);
    }),
  );
});
