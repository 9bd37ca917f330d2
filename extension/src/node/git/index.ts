export { collectGarbage, forgetRuns } from './forget-runs.ts';
export { layHistory } from './lay-history.ts';
export { projectRemote } from './project-remote.ts';
export { gitUserName } from './user-name.ts';
export { openRunFiles } from './run-files.ts';
export type { ApplyOptions, BegunRun, GitRunFiles, RunFilesOptions } from './run-files.ts';
export type { Applied, Changes } from './apply-changes.ts';
export type { Conflict } from './apply-plan.ts';
