import { applyChanges, discardChanges, exportRun } from './change-commands.ts';
import type { Command } from './context.ts';
import { debugRun } from './debug-command.ts';
import { doctor } from './doctor-command.ts';
import { setApiKey } from './key-commands.ts';
import { indexWorkspace, searchMemory } from './memory-commands.ts';
import { openTrace, replayRun, resumeRun, runAgent, stopRun } from './run-commands.ts';

export { readArguments } from './arguments.ts';
export { Dismissed } from './choose.ts';
export type { CommandContext } from './context.ts';

/** Every command, by its name in the manifest. */
export const commands: Readonly<Record<string, Command>> = {
  'strata.runAgent': runAgent,
  'strata.stopRun': stopRun,
  'strata.resumeRun': resumeRun,
  'strata.openTrace': openTrace,
  'strata.replayRun': replayRun,
  'strata.debugRun': debugRun,
  'strata.applyChanges': applyChanges,
  'strata.discardChanges': discardChanges,
  'strata.exportRun': exportRun,
  'strata.indexWorkspace': indexWorkspace,
  'strata.searchMemory': searchMemory,
  'strata.setApiKey': setApiKey,
  'strata.doctor': doctor,
  'strata.refreshRuns': (context) => {
    context.refreshRuns();
    return Promise.resolve();
  },
};
