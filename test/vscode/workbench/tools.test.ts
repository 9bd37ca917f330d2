import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { dockerAnswers, needsDocker } from '../harness/docker.ts';
import { accessibilityProblems } from './page/accessibility.ts';
import { pictureOnFailure, startSession } from './page/session.ts';

const buildLimitMs = 240_000;
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

  const part = async (name: string, body: () => Promise<void>): Promise<void> => {
    let passed = false;
    await t.test(name, async (inner) => {
      await pictureOnFailure(inner, bench, body);
      passed = true;
    });
    // Each part begins where the one before it ended.
    assert.ok(passed, `stopped after: ${name}`);
  };

  await part('the view shows the built-in servers, and what one may have beyond the sandbox', async () => {
    await bench.setTheme('dark');
    await bench.openContainer('Strata');
    for (const name of ['files', 'shell', 'code', 'git', 'web'])
      await server(name).waitFor({ timeout: 60_000 });
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
    await bench.runCommand('Strata: Add MCP Server…');
    await bench.pick('npm package');
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
      .getByText(/It answered after/)
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
    assert.deepEqual(await accessibilityProblems(panel), []);
    await bench.screenshot('tools-trace-dark');
  });

  await part('a mistake in a file is a row that leads to its place', async () => {
    const file = path.join(session.workspace, '.strata', 'tools.jsonc');
    await writeFile(file, '{\n  "servers": { "shell": { "network": "all" } }\n}\n');
    const mistake = bench.treeItem(/tools\.jsonc:2:/);
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
    await page.getByRole('menuitem', { name: 'Remove MCP Server' }).click();
    await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' }).click();
    await server('graph').waitFor({ state: 'hidden' });
    assert.doesNotMatch(await readFile(path.join(session.workspace, '.mcp.json'), 'utf8'), /graph/);
  });

  await part('no error went uncaught', async () => {
    assert.deepEqual(bench.errors, []);
  });
});

test('a folder that brings servers says so once, and starts nothing of them', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-brought-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  const mcpServers = { clock: { command: 'node', args: ['clock.js'] } };
  await writeFile(path.join(source, '.mcp.json'), JSON.stringify({ mcpServers }));
  const session = await startSession({ workspace: source });
  t.after(session.close);
  const bench = await session.open();
  await pictureOnFailure(t, bench, async () => {
    const told = bench.notification(/This folder brings an MCP server that is not set up: clock/);
    await told.waitFor({ timeout: 120_000 });
    await bench.screenshot('tools-brought-dark');
    await told.getByRole('button', { name: 'Show Tools' }).click();
    await bench.page.locator('[role="treeitem"][aria-label^="server clock, not set up"]').waitFor();
    await bench.runCommand('Developer: Reload Window');
    await bench.page
      .locator('[role="treeitem"][aria-label^="server clock, not set up"]')
      .waitFor({ timeout: 60_000 });
    assert.equal(await told.count(), 0);
    assert.deepEqual(bench.errors, []);
  });
});
