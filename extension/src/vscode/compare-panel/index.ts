export { createComparePanels } from './panels.ts';
export type { ComparePanels } from './panels.ts';
