import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from './command.ts';
import { packagingFailed } from './errors.ts';
import { cleanEnvironment, findOnPath, node24, projectRoot } from './runtime.ts';
import { installVsix, startEditor, type RunningEditor } from './server.ts';

const packageLimitMs = 300_000;

export interface ServeForUserOptions {
  readonly folder: string;
  /** The folder is Strata's own. Any other opens restricted, and nothing of it runs until the user trusts it. */
  readonly trusted?: boolean;
  /** A packed extension; without one, the built project is packaged for this platform first. */
  readonly vsix?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where settings and state are kept between starts; by default `.cache/vscode` in the project. */
  readonly home?: string;
  readonly print?: (line: string) => void;
}

/**
 * Serves VS Code with Strata to a browser on this machine and prints the address, which carries a secret. Returns when
 * the server listens; it then runs until `stop()`, or until this process ends.
 */
export async function startForUser(options: ServeForUserOptions): Promise<RunningEditor> {
  const home = options.home ?? path.join(projectRoot, '.cache', 'vscode');
  const [dataDir, extensionsDir] = [path.join(home, 'data'), path.join(home, 'extensions')];
  await mkdir(dataDir, { recursive: true });
  const vsix = options.vsix ?? (await packageForThisMachine());
  await installVsix({ vsix, extensionsDir, dataDir });
  const editor = await startEditor({
    ...{ dataDir, extensionsDir, folder: options.folder, use: 'person', connectionToken: 'new' },
    workspaceTrust: options.trusted !== true,
    // The browser keeps the window's layout by address, so the port should be the same at the next start.
    port: '8420-8440',
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const print = options.print ?? ((line: string) => console.log(line));
  print(`VS Code with Strata: ${editor.url}`);
  print('Press Ctrl-C to stop it.');
  return editor;
}

/** As `startForUser`, and stays until Ctrl-C (or a request to terminate), or until the server ends. */
export async function serveForUser(options: ServeForUserOptions): Promise<void> {
  const editor = await startForUser(options);
  const asked = Promise.withResolvers<void>();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (): void => asked.resolve();
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await Promise.race([asked.promise, editor.ended]);
  } finally {
    await editor.stop();
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** Packs the built project for this platform into the cache, and returns the file. */
export async function packageForThisMachine(): Promise<string> {
  const out = path.join(projectRoot, '.cache', 'vsix');
  const target = `${process.platform}-${process.arch}`;
  const args = [
    path.join(projectRoot, 'scripts', 'package.mjs'),
    '--target',
    target,
    '--no-build',
    '--or-universal',
    '--out',
    out,
  ];
  const { code, tail } = await runCommand(node24(), args, {
    env: cleanEnvironment(),
    limitMs: packageLimitMs,
  });
  const file = /^packed (.+\.vsix)$/m.exec(tail)?.[1];
  if (code !== 0 || file === undefined) throw packagingFailed(tail);
  return file;
}

/** A desktop VS Code that can be opened from here: installed, with a display, and not as root (which it refuses). */
export function findDesktop(): string | undefined {
  const linux = process.platform === 'linux';
  if (linux && process.env['DISPLAY'] === undefined && process.env['WAYLAND_DISPLAY'] === undefined)
    return undefined;
  if (linux && process.getuid?.() === 0) return undefined;
  const code = findOnPath(['code', 'code-insiders']);
  // In the terminal of a remote window `code` is another program, which knows no development path.
  return code === undefined || code.includes('remote-cli') ? undefined : code;
}

/** Opens the desktop VS Code with the built project as its development extension. False when there is none to open. */
export async function openDesktop(options: {
  readonly folder: string;
  readonly extensionPath?: string;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<boolean> {
  const code = findDesktop();
  if (code === undefined || !existsSync(options.folder)) return false;
  const args = [
    `--extensionDevelopmentPath=${options.extensionPath ?? projectRoot}`,
    '--new-window',
    options.folder,
  ];
  const shell = code.endsWith('.cmd');
  const child = spawn(shell ? `"${code}"` : code, shell ? args.map((arg) => `"${arg}"`) : args, {
    ...{ stdio: 'ignore', detached: true, shell },
    env: { ...process.env, ...options.env },
  });
  return await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
