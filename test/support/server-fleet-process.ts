import { createInterface } from 'node:readline';
import { messageOf } from '../../extension/src/base/errors.ts';
import { DEFAULT_SANDBOX } from '../../extension/src/core/tools/index.ts';
import { startContainer } from '../../extension/src/node/docker/container.ts';
import { findEngine } from '../../extension/src/node/docker/index.ts';
import { shareFolder } from '../../extension/src/node/docker/folder.ts';
import { ownOwner } from '../../extension/src/node/docker/owner.ts';
import { ownerLabel } from '../../extension/src/node/docker/sweep.ts';
import { openMcpServer } from '../../extension/src/node/mcp/index.ts';
import { toolsOver } from './docker-world.ts';

/** As many as a run starts; more only wait for each other. */
const atOnce = 4;

// A host of tool servers that a test can kill. It starts a number of them, says which of them are there, and stops
// them all when it is told to.
const [image, folder, run, count] = process.argv.slice(2);
if (!image || !folder || !run || !count)
  throw new Error('usage: server-fleet-process <image> <folder> <run> <count>');
const state = await findEngine({ signal: AbortSignal.timeout(60_000) });
if (state.kind !== 'ready') throw new Error(JSON.stringify(state));
const { engine } = state;
const shared = await shareFolder(engine, folder, { ownCopy: true });
const labels = { 'strata.run': run, [ownerLabel]: ownOwner() };
console.log(`owner ${ownOwner()}`);

const servers = Array.from({ length: Number(count) }, (_, index) =>
  openMcpServer({
    name: `shell${index}`,
    effectOf: () => 'contained',
    callLimitMs: 60_000,
    launch: async (_name, signal) =>
      startContainer(
        engine,
        {
          server: 'shell',
          image,
          arguments: [],
          folder: shared,
          readOnly: false,
          ownInit: true,
          takesPipes: true,
          sandbox: { ...DEFAULT_SANDBOX, files: 'write' },
          labels,
        },
        signal,
      ),
  }),
);
const tools = toolsOver(servers);
const waiting = [...servers];
const start = async () => {
  for (let server = waiting.shift(); server; server = waiting.shift())
    try {
      await server.list(AbortSignal.timeout(60_000));
      console.log(`started ${server.name}`);
    } catch (error) {
      console.log(`failed ${server.name}: ${messageOf(error)}`);
    }
};
const listed = Array.from({ length: atOnce }, start);
void Promise.all(listed).then(() => console.log('all'));

for await (const line of createInterface({ input: process.stdin })) {
  // A loop that reads no input and takes all the time it gets: its server cannot end by itself.
  if (line === 'busy')
    void tools.say('shell0_run', { command: 'echo begun; while :; do :; done' }).catch(() => undefined);
  if (line === 'stop') break;
}
waiting.length = 0;
await Promise.all(listed);
await tools.dispose();
console.log('stopped');
await engine.dispose();
process.stdin.destroy(); // Nothing else may keep this process alive.
