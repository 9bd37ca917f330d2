import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { Hit, Recalled } from '../../../extension/src/core/memory/index.ts';
import { embeddingServer, type EmbeddingServer } from '../../support/embedding-server/index.ts';
import { startModelServer, type ModelServer } from '../../support/model-server/index.ts';
import { s3Server } from '../../support/s3-server/index.ts';
import { loadedBundles, loadedNatives, messagesDuring, runAgent, strata, workspace } from './strata.ts';

const indexed = z.object({ files: z.number(), chunks: z.number() });
const tried = z.object({ dimension: z.number() });
const opened = z.object({ file: z.string(), line: z.number() });
const recalls = z.array(z.object({ run: z.string(), step: z.string(), task: z.string() }));
const agent = `---
name: rememberer
description: Tells how things are, and remembers it
route: code
tools: []
---
You tell.
`;

const at = (...parts: string[]) => path.join(workspace(), ...parts);
const search = async (query: string): Promise<readonly Hit[]> => (await strata()).memory.search(query);
const run = (command: string, given: object = {}) =>
  vscode.commands.executeCommand(`strata.${command}`, given);

async function recalled(query: string): Promise<readonly Exclude<Recalled, { kind: 'note' }>[]> {
  const found = await (await strata()).memory.recall(query);
  return found.flatMap((one) => (one.kind === 'note' ? [] : [one]));
}

/** What happens in files is seen by the editor's watcher, gathered, and indexed in another process. */
async function soon(what: string, is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await is()) return;
    await delay(100);
  }
  assert.fail(`not so after 20 s: ${what}`);
}

async function setIndex(value: 'auto' | 'manual'): Promise<void> {
  await vscode.workspace
    .getConfiguration('strata.memory')
    .update('index', value, vscode.ConfigurationTarget.Global);
}

/** Files of the memory folders that hold these bytes. */
async function filesWith(text: string): Promise<string[]> {
  const home = process.env['STRATA_HOME'];
  assert.ok(home);
  const files = await readdir(path.join(home, 'folders'), { recursive: true, withFileTypes: true });
  const found = files
    .filter(
      (entry) => entry.isFile() && `${entry.parentPath}${path.sep}`.includes(`${path.sep}memory${path.sep}`),
    )
    .map(async ({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return (await readFile(file)).includes(text) ? [file] : [];
    });
  return (await Promise.all(found)).flat();
}

describe('memory in the editor', function () {
  this.timeout(120_000);
  let model: ModelServer;
  let embeddings: EmbeddingServer;

  before(async () => {
    embeddings = await embeddingServer({ after: () => undefined });
    model = await startModelServer(() => ({ text: 'All is well.' }));
    await mkdir(at('.strata', 'agents'), { recursive: true });
    await writeFile(at('.strata', 'agents', 'rememberer.agent.md'), agent);
    // Nothing here calls a tool, so no container need start.
    const off = { enabled: false };
    const servers = { files: off, shell: off, code: off, git: off, web: off };
    await writeFile(at('.strata', 'tools.jsonc'), JSON.stringify({ servers }));
    const route = [{ provider: 'openai', model: 'teller', baseUrl: `${model.url}/v1` }];
    await writeFile(at('.strata', 'models.jsonc'), JSON.stringify({ routes: { code: route } }));
  });

  after(async () => {
    await setIndex('manual');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const name of ['.strata', 'tariffs.ts', 'moved', 'later.md'])
      await rm(at(name), { recursive: true, force: true });
    await Promise.all([embeddings.close(), model.close()]);
  });

  it('is indexed on a person’s word, and found by words', async () => {
    const report = indexed.parse(await run('indexWorkspace'));
    assert.ok(report.files > 0 && report.chunks >= report.files, JSON.stringify(report));
    const [hit] = await search('discount quantity threshold');
    assert.equal(hit?.path, 'src/discounts.js');
    assert.ok(hit.startLine >= 1 && hit.endLine >= hit.startLine);
  });

  it('answers a command that brings its query, with filters in it', async () => {
    const hits = z.array(z.object({ path: z.string() }));
    const all = hits.parse(await run('searchMemory', { query: 'discount' }));
    assert.ok(
      all.some((hit) => hit.path.startsWith('test/')),
      JSON.stringify(all),
    );
    const some = hits.parse(await run('searchMemory', { query: 'discount path:src lang:js' }));
    assert.ok(some.length > 0 && some.every((hit) => hit.path.startsWith('src/')), JSON.stringify(some));
  });

  it('says how it is: ready, kept here, by keyword', async () => {
    const [state] = await (await strata()).memory.state();
    assert.equal(state?.phase, 'ready');
    assert.equal(state.kept, 'here');
    assert.equal(state.embedder, undefined);
    assert.ok(state.bytes > 0);
  });

  it('keeps itself up to date when the setting says so: a new file, an edit, a rename, a removal', async () => {
    await setIndex('auto');
    await writeFile(at('tariffs.ts'), 'export function zuluTariff(): number {\n  return 1;\n}\n');
    await soon('a file of another program is found', async () => (await search('zulu tariff')).length > 0);
    const document = await vscode.workspace.openTextDocument(at('tariffs.ts'));
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// moved down by a line\n\n'));
    await editor.edit((edit) => edit.insert(new vscode.Position(3, 0), '  // yankee surcharge\n'));
    await document.save();
    await soon(
      'a saved edit is found',
      async () => (await search('yankee surcharge'))[0]?.path === 'tariffs.ts',
    );
    const [hit] = await search('zulu tariff');
    assert.ok(hit && hit.startLine <= 3 && hit.endLine >= 3, JSON.stringify(hit));
    await mkdir(at('moved'));
    await rename(at('tariffs.ts'), at('moved', 'prices.ts'));
    await soon('it is found where it is now, and there alone', async () => {
      const paths = (await search('zulu tariff')).map((one) => one.path);
      return paths.includes('moved/prices.ts') && !paths.includes('tariffs.ts');
    });
    await rm(at('moved'), { recursive: true });
    await soon('what is gone is not found', async () => (await search('zulu tariff')).length === 0);
  });

  it('follows no more when the setting is taken back', async () => {
    await setIndex('manual');
    await writeFile(at('later.md'), '# Xray clause\n\nWritten while nobody looked.\n');
    await run('indexWorkspace');
    assert.equal((await search('xray clause'))[0]?.path, 'later.md');
  });

  it('can be paused and resumed at any time', async () => {
    await run('pauseIndexing');
    await run('resumeIndexing');
    assert.equal((await (await strata()).memory.state())[0]?.phase, 'ready');
  });

  let first = '';
  const task = 'Say how the whiskey ledger is balanced';

  it('remembers a run, with what the person says of it', async () => {
    ({ run: first } = await runAgent('rememberer', task));
    await soon('the run is recalled', async () => (await recalled('whiskey ledger')).length === 1);
    await run('rateRun', { run: first, verdict: 'down', text: 'Balance it by the victor column.' });
    await soon('the correction is recalled with it', async () => {
      const [episode] = await recalled('whiskey ledger');
      return episode?.verdict === 'down' && episode.correction === 'Balance it by the victor column.';
    });
    const view = await (await strata()).runs.view(first);
    assert.equal(view?.rating.correction, 'Balance it by the victor column.');
  });

  it('is told to later runs, and says which and why', async () => {
    const second = await runAgent('rememberer', 'Say how the whiskey ledger is balanced today');
    assert.match(JSON.stringify(model.requests.at(-1)), /victor column/);
    const found = recalls.parse(await run('whyRecalled', { run: first, agreed: true }));
    assert.deepEqual(
      found.map((one) => one.run),
      [second.run],
    );
    await run('forgetMemory', { run: second.run, agreed: true });
  });

  it('is pinned and unpinned', async () => {
    await run('pinMemory', { run: first });
    await soon('it is pinned', async () => (await recalled('whiskey ledger'))[0]?.pinned === true);
    await run('unpinMemory', { run: first });
    await soon('it is not', async () => (await recalled('whiskey ledger'))[0]?.pinned !== true);
  });

  it('forgets for good: not a byte of it is left on the disk', async () => {
    assert.ok((await filesWith('victor column')).length > 0);
    await run('forgetMemory', { run: first, agreed: true });
    assert.deepEqual(await recalled('whiskey ledger'), []);
    for (const text of ['victor column', 'whiskey ledger']) assert.deepEqual(await filesWith(text), []);
  });

  it('keeps notes in a file, and opens them at their line', async () => {
    await run('addNote', { text: 'Tangos are counted in pairs.' });
    const file = at('.strata', 'memory.md');
    await soon('the note is in its file', () =>
      Promise.resolve(existsSync(file)).then(
        async (is) => is && /Tangos are counted/.test(await readFile(file, 'utf8')),
      ),
    );
    const notes = (await (await strata()).memory.recall('tangos pairs')).flatMap((one) =>
      one.kind === 'note' ? [one] : [],
    );
    const [note] = notes;
    assert.ok(note);
    const { line } = opened.parse(await run('openNotes', { note: note.id }));
    assert.match((await readFile(file, 'utf8')).split('\n')[line - 1] ?? '', /Tangos are counted in pairs/);
    await run('forgetMemory', { note: note.id, agreed: true });
    assert.doesNotMatch(await readFile(file, 'utf8'), /Tangos/);
  });

  it('says what to do for a note that is gone, and for a run that is not there', async () => {
    const messages = await messagesDuring(async () => {
      await run('openNotes', { note: 'n-0' });
      await run('pinMemory', { note: 'n-0' });
      await run('rateRun', { run: 'r-0000000000000000', verdict: 'up' });
    });
    assert.match(messages.join('\n'), /no such note any more\. Look at \.strata\/memory\.md/);
    assert.match(messages.join('\n'), /There is no run r-0000000000000000/);
  });

  it('finds what is said in other words once an embedder was chosen, and by keyword again without', async () => {
    const bargain = 'a bargain for a shopper who buys in bulk';
    assert.ok(!(await search(bargain)).some(({ why }) => why?.similarity !== undefined));
    const chosen = { provider: 'openai', model: 'meanings', baseUrl: embeddings.origin };
    const { dimension } = tried.parse(await run('chooseEmbedder', chosen));
    assert.equal(dimension, embeddings.dimension);
    await soon('the folder is embedded', async () => {
      const [state] = await (await strata()).memory.state();
      return (
        state?.embedder !== undefined &&
        state.embedder.total > 0 &&
        state.embedder.embedded === state.embedder.total
      );
    });
    const [hit] = await search(bargain);
    assert.equal(hit?.path, 'src/discounts.js');
    assert.ok((hit.why?.similarity ?? 0) > 0.1, JSON.stringify(hit.why));
    await run('chooseEmbedder', { provider: 'none' });
    await soon(
      'it is by keyword',
      async () => (await (await strata()).memory.state())[0]?.embedder === undefined,
    );
  });

  it('writes no embedder into the settings that does not answer', async () => {
    const messages = await messagesDuring(() =>
      run('chooseEmbedder', { provider: 'openai', model: 'meanings', baseUrl: 'http://127.0.0.1:9' }),
    );
    assert.match(messages.join('\n'), /127\.0\.0\.1:9/);
    assert.equal(vscode.workspace.getConfiguration('strata.memory').get('embedder'), null);
  });

  it('is shared by an address: indexed there by itself, told of, and here again when the address is taken back', async () => {
    const s3 = await s3Server({ after: () => undefined });
    const set = async (name: string, value: unknown): Promise<void> =>
      await vscode.workspace
        .getConfiguration('strata.memory')
        .update(name, value, vscode.ConfigurationTarget.Global);
    const state = async () => (await (await strata()).memory.state())[0];
    try {
      execFileSync('git', ['init', '--quiet'], { cwd: workspace() });
      execFileSync('git', ['remote', 'add', 'origin', 'https://git.example/team/shop.git'], {
        cwd: workspace(),
      });
      process.env['AWS_SECRET_ACCESS_KEY'] = 'not looked at';
      await setIndex('auto');
      const server = { endpoint: s3.endpoint, region: 'us-east-1', allow_http: true };
      await set('storageOptions', { ...server, aws_access_key_id: s3.accessKey });
      await set('uri', 's3://team/strata');
      await soon('the folder is indexed there', async () => {
        const now = await state();
        return now?.shared !== undefined && now.phase === 'ready' && now.files > 0;
      });
      assert.match((await state())?.shared ?? '', /^s3:\/\/team\/strata\/shop-[0-9a-f]+$/);
      assert.notEqual(s3.objects.size, 0);
      assert.equal((await search('discount quantity threshold'))[0]?.path, 'src/discounts.js');
      await set('uri', undefined);
      await soon('it is on this machine alone', async () => {
        const now = await state();
        return now?.shared === undefined && now?.phase === 'ready' && now.files > 0;
      });
    } finally {
      await set('uri', undefined);
      await set('storageOptions', undefined);
      await setIndex('manual');
      delete process.env['AWS_SECRET_ACCESS_KEY'];
      await s3.leave();
      await rm(at('.git'), { recursive: true, force: true });
    }
  });

  it('has its index cleared from the disk on a person’s word, and makes it again', async () => {
    assert.ok((await filesWith('xray clause')).length + (await filesWith('Xray clause')).length > 0);
    await run('clearMemory', { agreed: true });
    assert.deepEqual(await search('xray clause'), []);
    for (const text of ['xray clause', 'Xray clause']) assert.deepEqual(await filesWith(text), []);
    await run('indexWorkspace');
    assert.ok((await search('discount')).length > 0);
  });

  it('never loaded LanceDB, tree-sitter or an embedder into the extension host', () => {
    assert.deepEqual(loadedNatives(), []);
    const loaded = loadedBundles();
    assert.ok(loaded.includes('memory.cjs'), String(loaded));
    for (const bundle of ['memory-child.cjs', 'memory-cutter.cjs'])
      assert.ok(!loaded.includes(bundle), String(loaded));
  });
});
