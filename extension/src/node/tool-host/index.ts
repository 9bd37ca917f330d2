export { openToolHost } from './host.ts';
export type { FolderCopy, FolderTools, OpenRequest, ToolHostOptions } from './host.ts';
export type { Place } from './place.ts';
export type { RunTools } from './run-tools.ts';
