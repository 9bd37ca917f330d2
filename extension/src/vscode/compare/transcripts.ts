import * as vscode from 'vscode';
import type { Sessions } from '../sessions.ts';

const SCHEME = 'strata-compare';

/** Two runs that are shown side by side. */
interface Compared {
  readonly a: string;
  readonly b: string;
}

/** The transcript of one of two runs as a read-only document; `title` is what its tab shows. */
export function transcriptUri(side: 'a' | 'b', { a, b }: Compared, title: string): vscode.Uri {
  // A slash would begin a folder.
  const name = `${side.toUpperCase()} ${title}`.replace(/[/\\?#]/g, ' ');
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: [side, a, b].join(' ') });
}

/** Writes transcripts when the editor asks for them, also for an editor that a reload has brought back. */
export function registerTranscripts(sessions: Sessions): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async ({ query }) => {
      const [side, ...runs] = query.split(' ');
      const all = await sessions.all();
      const { comparableTranscript, comparedRun, compareRuns } =
        await import('../../core/orchestration/compare/index.ts');
      const [a, b] = runs.map((run) => {
        const session = all.find((candidate) => candidate.has(run));
        return session && comparedRun(session.core.store, run);
      });
      if (!a || !b) return 'One of the two runs is in none of the open folders.\n';
      // The same lines on both sides, so that they are no difference.
      const head = [`A: ${a.view.id}`, `B: ${b.view.id}`, '', ...compareRuns(a, b).summary, ''];
      return `${head.join('\n')}\n${comparableTranscript(side === 'b' ? b : a)}`;
    },
  });
}
