import * as vscode from 'vscode';
import type { Sessions } from '../sessions.ts';

const SCHEME = 'strata-compare';

/** A run's transcript as a read-only document; `title` is what its tab shows. */
export function transcriptUri(run: string, title: string): vscode.Uri {
  // A slash would begin a folder.
  const name = title.replace(/[/\\?#]/g, ' ');
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: run });
}

/** Writes transcripts when the editor asks for them, also for an editor that a reload has brought back. */
export function registerTranscripts(sessions: Sessions): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async ({ query: run }) => {
      const session = (await sessions.all()).find((candidate) => candidate.has(run));
      if (!session) return `The run ${run} is in none of the open folders.\n`;
      const { comparableTranscript, comparedRun } = await import('../../core/orchestration/compare/index.ts');
      return comparableTranscript(comparedRun(session.core.store, run));
    },
  });
}
