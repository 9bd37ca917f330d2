export { createTracePanels } from './panels.ts';
export type { OpenOptions, TracePanelDeps, TracePanels } from './panels.ts';
export type { PanelActions, RunSource } from './ports.ts';
