export { findEngine, engineError, here, type Engine, type EngineState, type FindOptions } from './engine.ts';
export type { Surroundings } from './addresses.ts';
export {
  ensureBaseImage,
  ensureServerImage,
  defaultBase,
  type BaseImage,
  type ImageOptions,
} from './images.ts';
export { startContainer, type ContainerSpec } from './container.ts';
export { shareFolder, type SharedFolder } from './folder.ts';
export { containerLauncher, type LauncherOptions } from './launcher.ts';
export { sweepContainers } from './sweep.ts';
