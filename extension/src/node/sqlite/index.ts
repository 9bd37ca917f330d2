export { openRunStore } from './run-store.ts';
export type { RunStore, RunSummary } from './run-store.ts';
