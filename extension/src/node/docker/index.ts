export { findEngine, engineError, type Engine } from './engine.ts';
export { here } from './surroundings.ts';
export { ensureServerImage } from './images.ts';
export { containerLauncher } from './launcher.ts';
export { sweep, sweepContainers } from './sweep.ts';
