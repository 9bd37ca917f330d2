export { createTracePanels } from './panels.ts';
export { openRunFileEditor } from './run-file.ts';
export type { RunFileEditor } from './run-file.ts';
export type { OpenOptions, TracePanelDeps, TracePanels } from './panels.ts';
export type { PanelActions, RunSource } from './ports.ts';
