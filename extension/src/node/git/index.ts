export { openRunFiles } from './run-files.ts';
export type { BegunRun, GitRunFiles, RunFilesOptions } from './run-files.ts';
export type { Applied, Changes, Conflict } from './apply-changes.ts';
