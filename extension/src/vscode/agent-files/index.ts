import * as vscode from 'vscode';
import { Diagnostics } from './diagnostics.ts';
import { registerProviders } from './providers.ts';

export interface AgentFilesHost {
  readonly report: (error: unknown) => void;
}

/** Help with agent and workflow files: mistakes, completion, hover, quick fixes, and a lens that runs them. */
export function registerAgentFiles({ report }: AgentFilesHost): vscode.Disposable {
  const diagnostics = new Diagnostics(report);
  return vscode.Disposable.from(diagnostics, registerProviders(diagnostics));
}
