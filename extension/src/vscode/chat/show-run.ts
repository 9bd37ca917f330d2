import * as vscode from 'vscode';
import { summariseStep } from '../../core/observability/step-summary.ts';
import { textOf } from '../../protocol/message.ts';
import type { AssistantMessage } from '../../protocol/message.ts';
import { rootRunId } from '../../protocol/run-event.ts';
import type { RunEvent, RunId, StepId } from '../../protocol/run-event.ts';
import { stepOf } from '../../protocol/run-view.ts';
import { stepLabel } from '../../protocol/step-label.ts';
import { shortArguments } from '../approvals/index.ts';
import type { ApprovalDesk } from '../approvals/index.ts';
import type { FolderSession } from '../folder-session.ts';

const SHOWN_ARGUMENTS = 300;

export interface ShownRun extends vscode.Disposable {
  /** Whether any of the text of the run's last model call was shown as it came. */
  readonly hasShownText: () => boolean;
}

/** Tells in the chat what a run does, while it does it: its text, its tools and those of its sub-agents, and what it waits for. */
export function showRun(
  session: FolderSession,
  run: RunId,
  desk: ApprovalDesk,
  stream: vscode.ChatResponseStream,
): ShownRun {
  const asked = new Set<string>();
  /** What each model call of the run has said so far. */
  const texts = new Map<StepId, string>();
  let newest: StepId | undefined;

  const say = (step: StepId, text: string): void => {
    const before = texts.get(step);
    if (before === undefined || text === '') return;
    const isFirst = [...texts.values()].every((one) => one === '');
    stream.markdown(before === '' && !isFirst ? `\n\n${text}` : text);
    texts.set(step, before + text);
  };

  const take = (event: RunEvent): void => {
    // What a command prints is in the trace; what a sub-agent says is for the agent above it.
    if (event.type === 'step.output' && event.run === run) say(event.step, event.text);
    if (event.type === 'step.finished' && event.run === run && texts.has(event.step)) {
      // The end of a text comes with the whole of it alone.
      const whole = textOf(session.payload(event.output) as unknown as AssistantMessage);
      const said = texts.get(event.step) ?? '';
      if (whole.startsWith(said)) say(event.step, whole.slice(said.length));
    }
    if (event.type === 'step.note' && event.level === 'warning') stream.progress(event.text);
    if (event.type !== 'step.started') return;
    if (event.kind === 'chat' && event.run === run) {
      newest = event.step;
      texts.set(event.step, '');
    }
    const words = progressOf(session, event);
    if (words !== undefined) stream.progress(words);
  };

  const ask = (): void => {
    for (const request of desk.pending) {
      const key = `${request.run} ${request.step}`;
      if (rootRunId(request.run) !== run || asked.has(key)) continue;
      asked.add(key);
      const given = { run: request.run, step: request.step };
      stream.markdown(
        new vscode.MarkdownString('\n\nIt waits for you to allow a call:\n\n').appendCodeblock(
          `${request.tool} ${shortArguments(request, SHOWN_ARGUMENTS)}`,
          'text',
        ),
      );
      stream.button({ command: 'strata.allowCall', title: 'Allow', arguments: [given] });
      stream.button({ command: 'strata.editCall', title: 'Edit…', arguments: [given] });
      stream.button({ command: 'strata.refuseCall', title: 'Refuse…', arguments: [given] });
    }
  };

  const appended = session.onDidAppend((events) => {
    for (const event of events) if (rootRunId(event.run) === run) take(event);
  });
  const changed = desk.onDidChange(ask);
  // Some of it was there before anybody could listen.
  session.core.store.read(run).forEach(take);
  ask();
  return {
    hasShownText: () => newest !== undefined && texts.get(newest) !== '',
    dispose: () => {
      appended.dispose();
      changed.dispose();
    },
  };
}

type Started = Extract<RunEvent, { type: 'step.started' }>;

/** Undefined for what is over at once or shows itself: model calls stream, approvals are asked for. */
function progressOf(session: FolderSession, { run, step, kind }: Started): string | undefined {
  if (kind === 'chat' || kind === 'approval' || kind === 'catalogue' || kind === 'remember') return undefined;
  const view = session.view(run);
  const seen = view && stepOf(view, step);
  if (!view || !seen) return undefined;
  const { title, detail } = stepLabel(seen);
  const words = [title, detail, summariseStep(seen, session.payload)].filter((part) => part !== '').join(' ');
  return rootRunId(run) === run ? words : `${view.agent}: ${words}`;
}
