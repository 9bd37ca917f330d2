import * as vscode from 'vscode';
import { StrataError } from '../base/errors.ts';
import type { RunId, StepId } from '../protocol/run-event.ts';
import { shortArguments } from './approvals/index.ts';
import { commands } from './commands/index.ts';
import type { CommandArguments, CommandContext } from './commands/index.ts';
import { isDismissed } from './dismissed.ts';
import type { FolderSession } from './folder-session.ts';
import type { Sessions } from './sessions.ts';
import type { TracePanels } from './trace-panel/index.ts';

/** The trace panels, made at first use: their bundle is not loaded before. */
export function createPanels(
  extensionUri: vscode.Uri,
  sessions: Sessions,
  context: () => CommandContext,
): () => Promise<TracePanels> {
  let made: Promise<TracePanels> | undefined;
  const perform = async (name: string, args: CommandArguments): Promise<undefined> => {
    try {
      await commands[name]?.(context(), args);
    } catch (error) {
      if (!isDismissed(error)) throw error;
    }
    return undefined;
  };
  const make = async (): Promise<TracePanels> => {
    const { createTracePanels } = await import('./trace-panel/index.ts');
    const panels = createTracePanels({
      extensionUri,
      source: {
        view: (run) => sessions.owning(run)?.view(run),
        read: (run, afterSeq) => owner(sessions, run).core.store.read(run, afterSeq),
        getBlob: (id) => blobOf(sessions, id),
        onDidAppend: sessions.onDidAppend,
        facts: (run) => {
          const session = sessions.owning(run);
          const changes = session?.view(run)?.changes;
          return {
            live: session?.isLive(run) ?? false,
            own: session?.handle(run) !== undefined,
            waiting: context()
              .approvals.pending.filter((call) => call.run === run || call.run.startsWith(`${run}-`))
              .map((call) => ({
                ...{ run: call.run, step: call.step, tool: call.tool },
                arguments: shortArguments(call, SHOWN_ARGUMENTS),
              })),
            ...(changes ? { changes } : {}),
          };
        },
      },
      actions: {
        stop: (run) => perform('strata.stopRun', { run }),
        pause: async (run) => {
          await perform('strata.pauseRun', { run });
          return 'It pauses as soon as the step under way is done.';
        },
        resume: (run) => perform('strata.resumeRun', { run }),
        replay: (run) => perform('strata.replayRun', { run }),
        rerun: (run) => perform('strata.rerunRun', { run, ask: true }),
        apply: (run) => perform('strata.applyChanges', { run }),
        undo: (run) => perform('strata.undoApply', { run }),
        discard: (run) => perform('strata.discardChanges', { run }),
        export: (run) => perform('strata.exportRun', { run }),
        steer: (run, text) => perform('strata.steerRun', { run, text }),
        fork: (run, step) => perform('strata.forkRun', { run, step, ask: true }),
        decide: (run, step, decision) => perform('strata.answerApproval', { run, step, decision }),
        openRun: async (run, step) => {
          await perform('strata.openTrace', { run, ...(step === undefined ? {} : { step }) });
        },
        openDiff: (run, path, step) => openDiff(owner(sessions, run), run, path, step),
      },
    });
    sessions.onDidAppend((events) => {
      if (events.length === 0) panels.refresh();
    });
    context().approvals.onDidChange(() => panels.refresh());
    return panels;
  };
  return () => (made ??= make());
}

const SHOWN_ARGUMENTS = 400;

function owner(sessions: Sessions, run: RunId): FolderSession {
  const session = sessions.owning(run);
  if (session) return session;
  throw new StrataError(
    'run-not-found',
    `The run ${run} is not in an open folder.`,
    'Open the folder that it ran in.',
  );
}

/** A blob has the same id in every folder that holds it. */
function blobOf(sessions: Sessions, id: string): string {
  let failure: unknown;
  for (const session of sessions.opened) {
    try {
      return session.core.store.getBlob(id);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** What one step did to the file, or the whole run when no step is named. */
async function openDiff(
  session: FolderSession,
  run: RunId,
  path: string,
  step: StepId | undefined,
): Promise<void> {
  const text = await session.core.diff(run, AbortSignal.timeout(DIFF_LIMIT_MS), step);
  const ofFile = text
    .split(/^(?=diff --git )/m)
    .find((part) => part.split('\n', 1)[0]?.endsWith(` b/${path}`));
  const document = await vscode.workspace.openTextDocument({ language: 'diff', content: ofFile ?? text });
  await vscode.window.showTextDocument(document, { preview: true });
}

const DIFF_LIMIT_MS = 60_000;
