import * as vscode from 'vscode';
import type { RunComparison } from '../../core/orchestration/compare/index.ts';
import type { ComparedPair, CompareSide } from '../../protocol/compare-panel.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { FolderSession } from '../folder-session.ts';
import { inSlices } from '../in-slices.ts';
import { machineClock } from '../machine-clock.ts';
import type { Sessions } from '../sessions.ts';

const SCHEME = 'strata-compare';
const FILE_SCHEME = 'strata-compare-file';

/** The transcript of one of two runs as a read-only document; `title` is what its tab shows. */
export function transcriptUri(side: CompareSide, { a, b }: ComparedPair, title: string): vscode.Uri {
  // A slash would begin a folder.
  const name = `${side.toUpperCase()} ${title}`.replace(/[/\\?#]/g, ' ');
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: [side, a, b].join(' ') });
}

/** A file as a run left it. */
interface RunFile {
  readonly run: RunId;
  readonly tree: string;
  readonly path: string;
}

export function fileUri(side: CompareSide, { run, tree, path }: RunFile): vscode.Uri {
  return vscode.Uri.from({ scheme: FILE_SCHEME, path: `/${path}`, query: [side, run, tree].join(' ') });
}

/** Writes documents when the editor asks for them, also for an editor that a reload has brought back. */
export function registerTranscripts(sessions: Sessions): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: ({ query }, token) => transcript(sessions, query, token),
    }),
    vscode.workspace.registerTextDocumentContentProvider(FILE_SCHEME, {
      provideTextDocumentContent: ({ path, query }) => fileText(sessions, path.slice(1), query),
    }),
  );
}

/** Undefined when nobody waits for it any more. */
async function transcript(
  sessions: Sessions,
  query: string,
  token: vscode.CancellationToken,
): Promise<string | undefined> {
  const [side, ...runs] = query.split(' ');
  const { comparedRun, compareInParts, transcriptInParts } =
    await import('../../core/orchestration/compare/index.ts');
  const [a, b] = await Promise.all(
    runs.map(async (run) => {
      const session = await owner(sessions, run);
      return session && comparedRun(session.core.store, run);
    }),
  );
  if (!a || !b) return 'One of the two runs is in none of the open folders.\n';
  const closed = new AbortController();
  const listening = token.onCancellationRequested(() => {
    closed.abort();
  });
  const options = { signal: closed.signal, now: machineClock.now };
  try {
    const comparison = await inSlices(compareInParts(a, b), options);
    const text = comparison && (await inSlices(transcriptInParts(side === 'b' ? b : a), options));
    return text && headed(comparison, text);
  } finally {
    listening.dispose();
  }
}

function headed({ a, b, summary }: RunComparison, text: string): string {
  // The same lines on both sides, so that they are no difference.
  const head = [`A: ${a.run}`, `B: ${b.run}`, '', ...summary, ''];
  return `${head.join('\n')}\n${text}`;
}

/** Empty where the run has no such file. */
async function fileText(sessions: Sessions, path: string, query: string): Promise<string> {
  const [, run = '', tree = ''] = query.split(' ');
  const session = await owner(sessions, run);
  const content = await session?.core.fileAt(run, tree, path);
  if (!content) return '';
  return content.includes(0)
    ? `(${String(content.length)} bytes that are no text)\n`
    : content.toString('utf8');
}

async function owner(sessions: Sessions, run: RunId): Promise<FolderSession | undefined> {
  return (await sessions.all()).find((session) => session.has(run));
}
