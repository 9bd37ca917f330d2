import { forkRun, replayRun, replayWithLiveModels, replayWithLiveTools, rerunRun } from './again-commands.ts';
import { compareRuns } from '../compare/index.ts';
import { applyChanges, discardChanges, exportRun, pinRun, restoreRun, undoApply } from './change-commands.ts';
import { chooseFolder } from './choose.ts';
import type { Command } from './context.ts';
import {
  allowCall,
  answerApproval,
  editCall,
  pauseRun,
  refuseCall,
  steerRun,
  stopRun,
} from './control-commands.ts';
import { debugRun } from './debug-command.ts';
import { importTrace } from './import-command.ts';
import { doctor } from './doctor-command.ts';
import { setApiKey } from './key-commands.ts';
import { memoryCommands } from './memory-commands.ts';
import { saveRecording } from './recording-command.ts';
import { modelCommands } from './model-commands.ts';
import { openTrace, resumeRun, runAgent, runAgentWithModel } from './run-commands.ts';
import { toolCommands } from './tool-commands.ts';

export { readArguments } from './arguments.ts';
export type { CommandArguments } from './arguments.ts';
export type { CommandContext } from './context.ts';
export { isBudget, offerMore } from './follow.ts';

/** Every command, by its name in the manifest. */
export const commands: Readonly<Record<string, Command>> = {
  'strata.runAgent': runAgent,
  'strata.runAgentWithModel': runAgentWithModel,
  'strata.stopRun': stopRun,
  'strata.resumeRun': resumeRun,
  'strata.pauseRun': pauseRun,
  'strata.steerRun': steerRun,
  'strata.answerApproval': answerApproval,
  'strata.allowCall': allowCall,
  'strata.editCall': editCall,
  'strata.refuseCall': refuseCall,
  'strata.openTrace': openTrace,
  'strata.replayRun': replayRun,
  'strata.replayWithLiveModels': replayWithLiveModels,
  'strata.replayWithLiveTools': replayWithLiveTools,
  'strata.forkRun': forkRun,
  'strata.rerunRun': rerunRun,
  'strata.debugRun': debugRun,
  'strata.compareRuns': compareRuns,
  'strata.saveRecording': saveRecording,
  'strata.applyChanges': applyChanges,
  'strata.discardChanges': discardChanges,
  'strata.undoApply': undoApply,
  'strata.restoreRun': restoreRun,
  'strata.pinRun': pinRun,
  'strata.importTrace': importTrace,
  'strata.exportRun': exportRun,
  ...memoryCommands,
  ...toolCommands,
  ...modelCommands,
  'strata.setApiKey': setApiKey,
  'strata.showMetrics': async (context, args) => context.metrics.show(await chooseFolder(context, args)),
  'strata.openAlerts': ({ alerts }, args) => alerts.perform('openAlerts', args),
  'strata.previewAlert': ({ alerts }, args) => alerts.perform('previewAlert', args),
  'strata.doctor': doctor,
  'strata.refreshRuns': (context) => {
    context.refreshRuns();
    return Promise.resolve();
  },
};
