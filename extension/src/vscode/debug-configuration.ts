import * as vscode from 'vscode';

export interface ReplayConfiguration extends vscode.DebugConfiguration {
  readonly type: 'strata-replay';
  readonly request: 'launch';
  /** Id of the run, the end of one, or `last`. */
  readonly run: string;
  readonly stopOnEntry: boolean;
}

/** Completes what a person wrote, or nothing at all: F5 on a transcript walks its run, and elsewhere the newest one. */
export function launchConfiguration(given: vscode.DebugConfiguration): ReplayConfiguration {
  const asked: unknown = given['run'];
  const run = typeof asked === 'string' && asked.trim() !== '' ? asked.trim() : (runInEditor() ?? 'last');
  return {
    // There is nothing to read in the console until something is asked in it.
    internalConsoleOptions: 'neverOpen',
    ...given,
    type: 'strata-replay',
    request: 'launch',
    name: given.name || `Replay ${run === 'last' ? 'the last run' : run}`,
    run,
    stopOnEntry: given['stopOnEntry'] !== false,
  };
}

function runInEditor(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== 'strata-transcript') return undefined;
  return document.uri.path.split('/')[1];
}
