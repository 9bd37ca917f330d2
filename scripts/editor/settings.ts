import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Nothing that opens by itself, asks a service, or updates. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
};

/** What a test needs beyond that: no motion, no other extension's work, no chat setup. */
const testSettings = {
  ...quiet,
  'security.workspace.trust.enabled': false,
  'git.enabled': false,
  // A second extension host for every window, in which nothing runs.
  'extensions.webWorker': false,
  'workbench.reduceMotion': 'on',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  // An index that makes itself would run beside every test; those of memory turn it on.
  'strata.memory.index': 'manual',
};

/** For a person: chat works without a sign-in, through the models that Strata lends to VS Code. */
const personSettings = {
  ...quiet,
  // The user came for a trace, which may be read before that is decided: a banner asks, not a dialog over the trace.
  'security.workspace.trust.startupPrompt': 'never',
  'chat.allowAnonymousAccess': true,
  'chat.byokUtilityModelDefault': 'mainAgent',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

export type EditorUse = 'test' | 'person';

/** Writes the user settings of a server's data folder. A person's own settings are kept once they exist. */
export async function writeSettings(
  dataDir: string,
  use: EditorUse,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const file = path.join(dataDir, 'data', 'User', 'settings.json');
  await mkdir(path.dirname(file), { recursive: true });
  const settings = { ...(use === 'test' ? testSettings : personSettings), ...overrides };
  try {
    await writeFile(file, `${JSON.stringify(settings, undefined, 2)}\n`, {
      flag: use === 'test' ? 'w' : 'wx',
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
