import { setTimeout as delay } from 'node:timers/promises';
import { findEngine } from '../../extension/src/node/docker/index.ts';

// A program of its own that a test can kill: has an engine, with a reaper, and says so.
const state = await findEngine({ signal: AbortSignal.timeout(30_000) });
if (state.kind !== 'ready') throw new Error(JSON.stringify(state));
state.engine.shared.guard();
console.log('guarded');
await delay(600_000);
