export { findEngine, engineError, here, type Engine } from './engine.ts';
export { ensureServerImage } from './images.ts';
export { containerLauncher } from './launcher.ts';
export { sweepContainers } from './sweep.ts';
