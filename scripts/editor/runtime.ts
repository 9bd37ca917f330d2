import { existsSync } from 'node:fs';
import path from 'node:path';
import { nodeTooOld } from './errors.ts';

export const projectRoot = path.resolve(import.meta.dirname, '../..');

/** The Node that runs VS Code's server: this one when it is 24 or newer, else the copy that npm installed. */
export function node24(): string {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const installed = path.join(projectRoot, 'node_modules', `node-${platform}-${process.arch}`, 'bin', binary);
  if (existsSync(installed)) return installed;
  throw nodeTooOld(process.versions.node);
}

/**
 * The environment for a server of ours: without what would make it believe that it runs inside another VS Code, and
 * with the right Node first on the PATH.
 */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const foreign = (name: string): boolean =>
    (name.startsWith('VSCODE_') && !name.startsWith('VSCODE_TEST')) ||
    name.startsWith('ELECTRON_') ||
    name === 'NODE_OPTIONS';
  const kept = Object.entries(process.env).filter(([name]) => !foreign(name));
  const searchPath = [path.dirname(node24()), process.env['PATH'] ?? ''].join(path.delimiter);
  return { ...Object.fromEntries(kept), PATH: searchPath, ...extra };
}

/** The full path of the first of these programs that is on the PATH. */
export function findOnPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const name of names)
    for (const folder of folders)
      for (const ending of endings) {
        const candidate = path.join(folder, name + ending);
        if (existsSync(candidate)) return candidate;
      }
  return undefined;
}
