export { ensureEditor, type Editor, type EnsureEditorOptions } from './install.ts';
export { leaveOpenRequest } from './open-request.ts';
export {
  findDesktop,
  openDesktop,
  packageForThisMachine,
  serveForUser,
  startForUser,
  type ServeForUserOptions,
} from './person.ts';
export { cleanEnvironment, findOnPath, node24, projectRoot } from './runtime.ts';
export { installVsix, startEditor, type RunningEditor, type StartEditorOptions } from './server.ts';
export type { EditorUse } from './settings.ts';
