// Plays a scenario until one of its commits, and then kills itself: node kill-child.ts <scenario> <home> <commit> <before|after>
import { dyingLog } from './dying-log.ts';
import { playScenario, scenarioNames, scenarioWorld } from './kill-scenarios.ts';

const [scenario, home, at, when] = process.argv.slice(2);
const name = scenarioNames.find((one) => one === scenario);
if (!name || home === undefined || (when !== 'before' && when !== 'after'))
  throw new Error('usage: kill-child.ts <scenario> <home> <commit> <before|after>');
const log = dyingLog(Number(at), when, () => {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered while this waits; nothing may go on in between.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
const world = scenarioWorld(name, { home, wrapStore: log.wrap });
await playScenario(world, name);
console.log(`commits ${log.commits()}`);
world.dispose();
