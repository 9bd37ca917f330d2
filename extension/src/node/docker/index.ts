export { findEngine, engineError, type Engine } from './engine.ts';
export { here } from './surroundings.ts';
export { countLeftContainers, sweep, sweepContainers } from './sweep.ts';
export { mayBeAlive, ownOwner } from './owner.ts';
export { openSandboxes } from './sandboxes.ts';
export type { Sandboxes, SandboxesOptions } from './sandboxes.ts';
export type { PreparedImage } from './images/prepared-image.ts';
export { withCopiedFiles } from './remote/copied-files.ts';
