import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SANDBOX } from '../../extension/src/core/tools/index.ts';
import type { ServerState, ToolHost } from '../../extension/src/core/tools/index.ts';
import { listOffers, type Offer } from '../../extension/src/vscode/tools/offers.ts';
import type { FoundTools } from '../../extension/src/vscode/tools/tree.ts';

const server = (name: string, given: Partial<ServerState> = {}): ServerState => ({
  ...{ status: 'ready', heldBack: [], looser: [], tokens: 0, image: 'sha256:1' },
  tools: [{ name: `${name}_read`, server: name, effect: 'read', description: 'Reads.', inputSchema: {} }],
  ...given,
  definition: {
    ...{ name, origin: 'workspace', sandbox: DEFAULT_SANDBOX, enabled: true, trusted: false },
    source: { kind: 'npm', package: name, arguments: [] },
  },
});

const folders = (servers: () => Promise<readonly ServerState[]>): FoundTools => {
  const host = { servers } as Partial<ToolHost> as ToolHost;
  const gateway = () => Promise.reject(new Error('nobody asks for it'));
  return { folders: [{ folder: '/a', name: 'a', host, gateway }], troubles: [] };
};
const offered = async (states: readonly ServerState[], before: readonly Offer[] = []) =>
  listOffers(
    folders(() => Promise.resolve(states)),
    before,
  );

test('servers that are set up are offered, whether they run or not', async () => {
  const offers = await offered([
    server('files'),
    server('git', { status: 'running' }),
    server('web', { status: 'unavailable' }),
    server('shell', { status: 'not-set-up' }),
    server('code', { status: 'setting-up' }),
  ]);
  assert.deepEqual(
    offers.map(({ label }) => label),
    ['Strata files', 'Strata git'],
  );
});

test('one that was offered stays as it was while it is set up anew, has failed or cannot start', async () => {
  const before = await offered([server('files')]);
  for (const status of ['setting-up', 'failed', 'unavailable'] as const)
    assert.deepEqual(await offered([server('files', { status, tools: [] })], before), before, status);
});

test('one that is turned off, is not agreed to any more or is gone is taken back', async () => {
  const before = await offered([server('files')]);
  assert.deepEqual(await offered([server('files', { status: 'disabled' })], before), []);
  assert.deepEqual(await offered([server('files', { status: 'not-set-up' })], before), []);
  assert.deepEqual(await offered([], before), []);
});

test('a mistake in the files of a folder takes nothing back', async () => {
  const before = await offered([server('files')]);
  const wrong = folders(() => Promise.reject(new Error('.mcp.json is not valid')));
  assert.deepEqual(await listOffers(wrong, before), before);
});

test('another image or another tool is another version', async () => {
  const [first] = await offered([server('files')]);
  const [image] = await offered([server('files', { image: 'sha256:2' })]);
  const [tools] = await offered([server('files', { tools: [] })]);
  assert.equal(new Set([first?.version, image?.version, tools?.version]).size, 3);
});
