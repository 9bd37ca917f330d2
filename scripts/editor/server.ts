import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from './command.ts';
import { editorDidNotStart, extensionInstallFailed } from './errors.ts';
import { runGuarded } from './guarded.ts';
import { ensureEditor } from './install.ts';
import { cleanEnvironment, node24 } from './runtime.ts';
import { writeSettings, type EditorUse } from './settings.ts';

const startLimitMs = 90_000;
const installLimitMs = 180_000;

export interface StartEditorOptions {
  /** Settings, state and logs of this server. */
  readonly dataDir: string;
  readonly extensionsDir: string;
  /** The workspace folder that the address opens; without one it opens an empty window. */
  readonly folder?: string;
  /** Added to the environment of the server and of its extension host. */
  readonly env?: NodeJS.ProcessEnv;
  readonly use?: EditorUse;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Makes the workbench accept development and tests paths, and hides its notification toasts. */
  readonly smokeTestDriver?: boolean;
  /** Keeps workspace trust on, so that a folder opens restricted. */
  readonly workspaceTrust?: boolean;
  /** `new` lets in only a browser that has the secret in the address. */
  readonly connectionToken?: 'new' | 'none';
  /** A port, or a range such as `8420-8440`; by default any free one. */
  readonly port?: string;
  /** The extensions that come with VS Code, where they are not all of them. */
  readonly builtinExtensionsDir?: string;
  /** Folders that are removed when the server has ended, however it ended. */
  readonly remove?: readonly string[];
}

export interface RunningEditor {
  readonly url: string;
  readonly port: number;
  /** The last lines that the server printed. */
  tail(): string;
  /** Settles when the server has ended, by itself or by `stop()`. */
  readonly ended: Promise<void>;
  /** Ends the server with all its processes. */
  stop(): Promise<void>;
}

/** Starts VS Code's server on the loopback interface and waits until it listens. */
export async function startEditor(options: StartEditorOptions): Promise<RunningEditor> {
  const { serverMain } = await ensureEditor();
  const { dataDir, extensionsDir } = options;
  await mkdir(extensionsDir, { recursive: true });
  await writeSettings(dataDir, options.use ?? 'test', options.settings);
  const token = options.connectionToken === 'new' ? randomBytes(24).toString('hex') : undefined;
  const tokenFile = path.join(dataDir, 'connection-token');
  if (token !== undefined) await writeFile(tokenFile, token, { mode: 0o600 });

  const listening = Promise.withResolvers<number>();
  let printed = '';
  const server = runGuarded({
    command: node24(),
    args: [
      ...[serverMain, '--host', '127.0.0.1', '--port', options.port ?? '0'],
      ...(token === undefined ? ['--without-connection-token'] : ['--connection-token-file', tokenFile]),
      ...['--accept-server-license-terms', '--disable-telemetry'],
      ...(options.workspaceTrust === true ? [] : ['--disable-workspace-trust']),
      ...(options.smokeTestDriver === true ? ['--enable-smoke-test-driver'] : []),
      ...['--server-data-dir', dataDir, '--extensions-dir', extensionsDir],
      ...(options.builtinExtensionsDir === undefined
        ? []
        : ['--builtin-extensions-dir', options.builtinExtensionsDir]),
    ],
    env: cleanEnvironment(options.env),
    remove: options.remove ?? [],
    onOutput: (text) => {
      printed = (printed + text).slice(-2_000);
      const port = /Extension host agent listening on (\d+)/.exec(printed)?.[1];
      if (port !== undefined) listening.resolve(Number(port));
    },
  });
  const ended = new Promise<void>((resolve) => server.process.once('exit', () => resolve()));
  const limit = setTimeout(
    () => listening.reject(new Error(`it said nothing for ${startLimitMs / 1000} s`)),
    startLimitMs,
  );
  server.process.once('exit', (code) => listening.reject(new Error(`it ended with code ${code}`)));
  try {
    const port = await listening.promise;
    return { url: address(port, token, options.folder), port, tail: server.tail, ended, stop: server.stop };
  } catch (error) {
    await server.stop();
    throw editorDidNotStart(error instanceof Error ? error.message : String(error), server.tail());
  } finally {
    clearTimeout(limit);
  }
}

function address(port: number, token: string | undefined, folder: string | undefined): string {
  const url = new URL(`http://127.0.0.1:${port}/`);
  if (token !== undefined) url.searchParams.set('tkn', token);
  if (folder !== undefined) url.searchParams.set('folder', folder.replaceAll('\\', '/'));
  return url.href;
}

/** Installs a packed extension into an extensions folder; an older copy of it is replaced. */
export async function installVsix(options: {
  readonly vsix: string;
  readonly extensionsDir: string;
  readonly dataDir: string;
}): Promise<void> {
  const { serverMain } = await ensureEditor();
  const folders = ['--extensions-dir', options.extensionsDir, '--server-data-dir', options.dataDir];
  const args = [
    serverMain,
    '--install-extension',
    options.vsix,
    '--force',
    '--accept-server-license-terms',
    ...folders,
  ];
  const { code, tail } = await runCommand(node24(), args, {
    env: cleanEnvironment(),
    limitMs: installLimitMs,
  });
  // The server says why in its output and ends with 0 for some failures.
  if (code !== 0 || !/was successfully installed/.test(tail))
    throw extensionInstallFailed(options.vsix, tail);
}
