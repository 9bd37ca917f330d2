import * as vscode from 'vscode';
import * as z from 'zod';
import { AUTO } from '../../core/models/find-route.ts';
import type { ApprovalDesk } from '../approvals/index.ts';
import { chooseFolder } from '../commands/choose.ts';
import type { FolderSession } from '../folder-session.ts';
import { OWN_VENDOR } from '../own-vendor.ts';
import { requireTrust } from '../require-trust.ts';
import type { Sessions } from '../sessions.ts';
import { isDismissed } from '../dismissed.ts';
import { chatError, closeTurn } from './close-turn.ts';
import { agentNotNamed, emptyPrompt } from './errors.ts';
import { filesIn, folderMeant } from './references.ts';
import { showRun } from './show-run.ts';
import { chatTask, namedAgent } from './task.ts';
import type { EarlierRun } from './task.ts';

export interface ChatHost {
  readonly sessions: Sessions;
  readonly approvals: ApprovalDesk;
  readonly report: (error: unknown) => void;
}

/** What a turn leaves in the chat for the next one, and for a person's verdict on it. */
const turnMetadata = z.object({ run: z.string(), folder: z.string(), agent: z.string(), prompt: z.string() });
type TurnMetadata = z.infer<typeof turnMetadata>;

const DEFAULT_AGENT = 'coder';
/** Followed by the name of any agent or workflow; the other commands are agents themselves. */
const AGENT_COMMAND = 'agent';

/** A turn of the chat is a run: of the agent that its command names, or the one of the turn before. */
export async function answerInChat(
  { sessions, approvals }: ChatHost,
  request: vscode.ChatRequest,
  { history }: vscode.ChatContext,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<vscode.ChatResult> {
  try {
    requireTrust();
    const turns = history.flatMap((turn) =>
      turn instanceof vscode.ChatResponseTurn ? (readTurn(turn.result) ?? []) : [],
    );
    const last = turns.at(-1);
    const meant = folderMeant(request.references) ?? last?.folder;
    const session = await chooseFolder({ sessions }, meant === undefined ? {} : { folder: meant });
    const asked = await whatIsAsked(session, request, last?.agent ?? DEFAULT_AGENT);
    const task = chatTask(
      asked.prompt,
      filesIn(session.folder, request.references),
      turns.flatMap((turn) => earlierRun(session, turn) ?? []),
    );
    const handle = session.adopt(
      await session.core.start({
        agent: asked.agent,
        task,
        ...(await routeFor(session, asked.agent, request)),
      }),
    );
    const stopping = token.onCancellationRequested(() => handle.stop());
    if (token.isCancellationRequested) handle.stop();
    const shown = showRun(session, handle.run, approvals, stream);
    const metadata: TurnMetadata = { run: handle.run, folder: session.folder, ...asked };
    try {
      const isOpen = (): boolean => sessions.opened.includes(session);
      const { hasShownText } = shown;
      const errorDetails = await closeTurn(session, handle, { hasShownText, isOpen }, stream);
      return { metadata, ...(errorDetails ? { errorDetails } : {}) };
    } finally {
      shown.dispose();
      stopping.dispose();
    }
  } catch (error) {
    if (isDismissed(error)) return {};
    return { errorDetails: chatError(error) };
  }
}

/** The person's thumb on an answer is their verdict on its run. */
export async function rateTurn(
  { sessions }: ChatHost,
  { result, kind }: vscode.ChatResultFeedback,
): Promise<void> {
  const turn = readTurn(result);
  if (!turn) return;
  const session = (await sessions.all()).find((one) => one.has(turn.run));
  const verdict = kind === vscode.ChatResultFeedbackKind.Helpful ? 'up' : 'down';
  await session?.core.rate(turn.run, { verdict });
}

/** Undefined for answers of others, and for turns that never became a run. */
function readTurn({ metadata }: vscode.ChatResult): TurnMetadata | undefined {
  return turnMetadata.safeParse(metadata).data;
}

/** Undefined when the run is gone, or was in another folder. */
function earlierRun(session: FolderSession, { run, prompt }: TurnMetadata): EarlierRun | undefined {
  const view = session.view(run);
  if (!view) return undefined;
  const answer =
    view.answer === undefined ? (view.error?.message ?? view.status) : session.payload(view.answer);
  const unapplied = view.changes === undefined ? (session.core.changes(run)?.paths ?? []) : [];
  return { prompt, unapplied, answer: typeof answer === 'string' ? answer : JSON.stringify(answer) };
}

interface Asked {
  readonly agent: string;
  readonly prompt: string;
}

async function whatIsAsked(
  session: FolderSession,
  { command, prompt }: vscode.ChatRequest,
  otherwise: string,
): Promise<Asked> {
  if (command === AGENT_COMMAND) {
    const named = namedAgent(prompt);
    if (named) return named;
    const { agents, workflows } = await session.core.agents();
    throw agentNotNamed([...agents.keys(), ...workflows.keys()]);
  }
  const agent = command ?? otherwise;
  if (prompt.trim() === '') throw emptyPrompt(agent);
  return { agent, prompt: prompt.trim() };
}

/** A route of Strata that is picked in the chat takes the place of the agent's own; a workflow has none. */
async function routeFor(
  session: FolderSession,
  agent: string,
  { model }: vscode.ChatRequest,
): Promise<{ readonly route?: string }> {
  if (model.vendor !== OWN_VENDOR || model.id === AUTO) return {};
  const [{ agents }, { routes }] = await Promise.all([session.core.agents(), session.core.routes()]);
  return agents.has(agent) && routes.has(model.id) ? { route: model.id } : {};
}
