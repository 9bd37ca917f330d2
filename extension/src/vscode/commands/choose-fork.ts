import * as vscode from 'vscode';
import { assert } from '../../base/assert.ts';
import type { Json } from '../../base/json.ts';
import { summariseStep } from '../../core/observability/step-summary.ts';
import { resultForm } from '../../core/orchestration/result-form.ts';
import type { ForkRequest } from '../../core/orchestration/index.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { stepOf } from '../../protocol/run-view.ts';
import { stepLabel } from '../../protocol/step-label.ts';
import type { FolderSession } from '../folder-session.ts';
import { pickRoute } from './pick-route.ts';
import { isLedByWorkflow, promptAt } from './prompt-at.ts';
import { given } from '../dismissed.ts';
import type { CommandContext } from './context.ts';

/** Asks where to fork a run, unless that is known, and what shall be different from there on. */
export async function chooseFork(
  context: CommandContext,
  session: FolderSession,
  run: RunId,
  known: StepId | undefined,
): Promise<ForkRequest> {
  const view = session.view(run);
  const step = known ?? given(view && (await chooseStep(session, view, 'Last step to keep', hasEnded)));
  const recorded = view && stepOf(view, step);
  const isLed = view !== undefined && isLedByWorkflow(view, session.payload);
  const change = given(await pickChange(recorded, isLed));
  switch (change) {
    case 'nothing':
      return { run, step };
    case 'message':
      return { run, step, edit: { text: await askMessage() } };
    case 'route':
      return { run, step, edit: { route: await pickRoute(session) } };
    case 'prompt':
      return { run, step, edit: { prompt: await askPrompt(context, session, view, step) } };
    case 'result':
      return { run, step, result: await askResult(context, session, recorded) };
  }
}

export function hasEnded({ status }: StepView): boolean {
  return status === 'finished' || status === 'failed';
}

/** One of the steps that fit, newest first. */
export async function chooseStep(
  session: FolderSession,
  view: RunView,
  placeHolder: string,
  fits: (step: StepView) => boolean,
): Promise<StepId | undefined> {
  const items = view.steps
    .filter(fits)
    .toReversed()
    .slice(0, MOST_OFFERED)
    .map((step) => {
      const { title, detail } = stepLabel(step);
      return {
        label: [step.id, title, detail].filter(Boolean).join(' '),
        detail: summariseStep(step, session.payload),
        step: step.id,
      };
    });
  const options = { placeHolder, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.step;
}

const MOST_OFFERED = 1000;

type Change = 'nothing' | 'message' | 'route' | 'prompt' | 'result';

async function pickChange(step: StepView | undefined, isLed: boolean): Promise<Change | undefined> {
  const items: readonly (vscode.QuickPickItem & { readonly change: Change })[] = [
    ...(isLed ? [] : ofAgents),
    ...(step?.status === 'finished' && step.output
      ? [{ label: `$(json) Change the result of step ${step.id}…`, change: 'result' as const }]
      : []),
    { label: '$(repo-forked) Change nothing', detail: 'Go on live from there', change: 'nothing' },
  ];
  return (await vscode.window.showQuickPick(items, { placeHolder: 'What shall be different from there on?' }))
    ?.change;
}

const ofAgents = [
  { label: '$(comment) Say something to the agent…', change: 'message' },
  { label: '$(sparkle) Go on with another model…', change: 'route' },
  { label: '$(edit) Change the agent’s prompt…', change: 'prompt' },
] as const;

async function askMessage(): Promise<string> {
  const text = await vscode.window.showInputBox({
    title: 'Fork Run',
    prompt: 'The agent reads it before its next step.',
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? 'Say something to the agent.' : undefined),
  });
  return given(text).trim();
}

async function askPrompt(
  { prompts }: CommandContext,
  session: FolderSession,
  view: RunView | undefined,
  step: StepId,
): Promise<string> {
  const text = await prompts.ask({
    name: `Prompt of ${view?.agent ?? 'the agent'}.md`,
    text: view ? promptAt(view, step, session.payload) : '',
    confirm: 'Fork with this prompt (save)',
    check: (value) => (value.trim() === '' ? 'An agent needs a prompt.' : undefined),
  });
  return given(text);
}

async function askResult(
  { prompts }: CommandContext,
  session: FolderSession,
  step: StepView | undefined,
): Promise<Json> {
  const form = resultForm(step?.output ? session.payload(step.output) : null);
  const text = await prompts.ask({
    name: `Result of step ${step?.id ?? ''} ${step?.name ?? ''}.${form.kind === 'text' ? 'txt' : 'json'}`,
    text: form.text,
    confirm: 'Fork with this result (save)',
    check: (value) => {
      const read = form.read(value);
      return 'wrong' in read ? read.wrong : undefined;
    },
  });
  const read = form.read(given(text));
  assert('result' in read, 'a text is confirmed only when it will do');
  return read.result;
}
