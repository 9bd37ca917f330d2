import { isStrataError } from '../base/errors.ts';
import { createEnvironmentKeys } from '../core/models/keys.ts';
import type { FolderHost } from '../folder-host.ts';
import type { StrataFolder } from '../folder.ts';
import { strataHome } from '../node/home.ts';
import { movedAsideText } from '../node/sqlite/moved-aside.ts';
import { VERSION } from '../version.ts';
import type { Arguments } from './arguments.ts';
import { askApproval } from './ask-approval.ts';
import { safeText } from './style.ts';
import type { Terminal } from './terminal.ts';
import { terminalSurroundings } from './tool-surroundings.ts';

/** What the terminal gives to a folder: keys from the environment, and a person to ask where there is one. */
export function cliHost(given: Arguments, terminal: Terminal): FolderHost {
  // Several calls may wait at once, and there is one terminal to ask about them.
  let last: Promise<unknown> = Promise.resolve();
  const oneByOne = <T>(ask: () => Promise<T>): Promise<T> => {
    const turn = last.then(ask, ask);
    last = turn;
    return turn;
  };
  return {
    home: strataHome(),
    version: VERSION,
    env: process.env,
    keys: createEnvironmentKeys(process.env),
    bundles: import.meta.dirname,
    tools: {
      surroundings: terminalSurroundings(terminal, { env: process.env, yes: given.yes, oneByOne }),
      userServers: () => undefined,
      warm: false,
    },
    exports: {
      note: (text) => terminal.complain(safeText(text)),
      waitMs: EXPORT_WAIT_MS,
    },
    isolation: given.inPlace ? 'workspace' : 'copy',
    baseImage: process.env['STRATA_BASE_IMAGE'] ?? 'node:22-slim',
    approve: (request, signal) => {
      if (given.yes) return Promise.resolve({ allowed: true });
      if (!terminal.interactive) {
        const reason = 'nobody is at the terminal to allow it; --yes would have';
        return Promise.resolve({ allowed: false, reason });
      }
      return oneByOne(() => askApproval(terminal, request, signal));
    },
    decideUnknown: async (step) => {
      if (given.unknown) return given.unknown;
      if (!terminal.interactive) return 'pause';
      terminal.print(
        `\nStep ${step.id} (${step.name}) was cut off, and it is not known whether it took effect.`,
      );
      return terminal.ask('Do it again, skip it, or leave the run paused?', ['again', 'skip', 'pause']);
    },
  };
}

/** A collector that is near takes a run in a moment. */
const EXPORT_WAIT_MS = 5_000;

/** Opens the folder for as long as the work takes. */
export async function inFolder<T>(
  given: Arguments,
  terminal: Terminal,
  work: (folder: StrataFolder) => Promise<T>,
): Promise<T> {
  const { openFolder } = await import('../folder.ts');
  const folder = openFolder(given.workspace, cliHost(given, terminal));
  if (folder.store.movedAside) {
    terminal.complain(movedAsideText(folder.store.movedAside));
  }
  try {
    await folder.applyMemorySettings().catch((error: unknown) => {
      if (!isStrataError(error)) throw error;
      terminal.complain(safeText(`${error.message}\n${error.action}`));
    });
    return await work(folder);
  } finally {
    await folder.dispose();
  }
}
