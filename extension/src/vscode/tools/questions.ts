import * as vscode from 'vscode';
import { Emitter } from '../../base/event.ts';
import type { Elicitation, ElicitationAnswer } from '../../core/tools/index.ts';
import { formOf, initialValues } from '../../core/tools/form/index.ts';
import type { TextPrompts } from '../text-prompts.ts';
import { whileOpen } from '../while-open.ts';
import { fillForm } from './form/fill-form.ts';
import { dialogText, listLine } from '../plain-labels.ts';
import { pick } from './prompts/quick-pick.ts';

interface Question {
  readonly elicitation: Elicitation;
  readonly signal: AbortSignal;
  readonly answer: (answer: ElicitationAnswer) => void;
}

/**
 * Questions of servers in the middle of a call. Each is told of once, and found again through the status bar: a prompt that
 * opened by itself could take a key that was meant for the editor.
 */
export class Questions implements vscode.Disposable {
  readonly #open = new Set<Question>();
  readonly #prompts: TextPrompts;
  readonly #report: (error: unknown) => void;
  readonly #changed = new Emitter<undefined>();
  readonly #status: vscode.StatusBarItem;

  constructor(prompts: TextPrompts, report: (error: unknown) => void) {
    this.#prompts = prompts;
    this.#report = report;
    this.#status = vscode.window.createStatusBarItem('strata.questions', vscode.StatusBarAlignment.Left);
    this.#status.name = 'Strata: Questions of MCP Servers';
    this.#status.command = 'strata.answerQuestion';
    this.#status.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    this.#changed.event(() => this.#showCount());
  }

  /** Waits for the person; a call that ended meanwhile needs no answer. */
  ask(elicitation: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer> {
    return new Promise((resolve) => {
      const close = (answer: ElicitationAnswer): void => {
        signal.removeEventListener('abort', abort);
        this.#open.delete(question);
        this.#changed.fire(undefined);
        resolve(answer);
      };
      const abort = (): void => close({ action: 'cancel' });
      const question: Question = { elicitation, signal, answer: close };
      this.#open.add(question);
      signal.addEventListener('abort', abort, { once: true });
      this.#changed.fire(undefined);
      if (signal.aborted) abort();
      else this.#tell(question).catch(this.#report);
    });
  }

  /** Takes up the oldest question, or the one that the person chooses. */
  async answerNext(): Promise<{ readonly answered: boolean }> {
    const questions = [...this.#open];
    const [only] = questions;
    if (!only) {
      void vscode.window.showInformationMessage('No MCP server waits for an answer.');
      return { answered: false };
    }
    if (questions.length === 1) return { answered: await this.#answer(only) };
    const items = questions.map((question) => ({
      label: listLine(question.elicitation.server, 64),
      detail: listLine(question.elicitation.message),
      question,
    }));
    const picked = await pick({
      title: 'Questions of MCP Servers',
      placeholder: 'Whose question?',
      items,
      matchOnDetail: true,
    });
    return { answered: picked?.kind === 'item' && (await this.#answer(picked.item.question)) };
  }

  dispose(): void {
    this.#changed.dispose();
    this.#status.dispose();
  }

  async #tell(question: Question): Promise<void> {
    const { server, message } = question.elicitation;
    const answer = 'Answer…';
    const decline = 'Decline';
    const chosen = await whileOpen(
      vscode.window.showWarningMessage(
        `The MCP server ${server} asks: “${dialogText(message, SHOWN)}”`,
        answer,
        decline,
      ),
    );
    if (!this.#open.has(question)) return;
    if (chosen === answer) await this.#answer(question);
    else if (chosen === decline) question.answer({ action: 'decline' });
  }

  /** False when the person put it off; the question then goes on waiting. */
  async #answer(question: Question): Promise<boolean> {
    const { elicitation, signal } = question;
    const answer =
      elicitation.url === undefined
        ? await askForm(elicitation, this.#prompts, signal)
        : await askToOpen(elicitation, elicitation.url);
    if (!answer || !this.#open.has(question)) return false;
    question.answer(answer);
    return true;
  }

  #showCount(): void {
    const [first] = this.#open;
    const count = this.#open.size;
    if (!first) {
      this.#status.hide();
      return;
    }
    const words = count === 1 ? `${first.elicitation.server} asks` : `${count} questions`;
    this.#status.text = `$(question) ${words}`;
    this.#status.tooltip = 'Strata: an MCP server waits for your answer';
    this.#status.accessibilityInformation = { label: `Strata: ${words}, waiting for you`, role: 'button' };
    this.#status.show();
  }
}

const SHOWN = 300;

async function askForm(
  { server, message, schema = {} }: Elicitation,
  prompts: TextPrompts,
  signal: AbortSignal,
): Promise<ElicitationAnswer | undefined> {
  const form = formOf(schema);
  const answer = await fillForm(
    {
      title: `Question of the MCP server ${listLine(server, 64)}`,
      placeholder: listLine(message, SHOWN),
      form,
      values: initialValues(form),
      confirm: 'Send this answer',
      decline: 'Decline',
    },
    prompts,
    signal,
  );
  if (answer?.action === 'confirm') return { action: 'accept', content: answer.values };
  return answer?.action === 'decline' ? { action: 'decline' } : undefined;
}

/** Nothing is opened before the person has seen the whole address. */
async function askToOpen(
  { server, message }: Elicitation,
  url: string,
): Promise<ElicitationAnswer | undefined> {
  if (!URL.canParse(url) || !['https:', 'http:'].includes(new URL(url).protocol)) {
    void vscode.window.showWarningMessage(
      `The MCP server ${server} wanted to open something that is no web address. It was declined.`,
    );
    return { action: 'decline' };
  }
  const open = { title: 'Open in Browser' };
  const decline = { title: 'Decline' };
  const chosen = await whileOpen(
    vscode.window.showWarningMessage(
      `The MCP server ${server} wants to open ${new URL(url).host} in your browser.`,
      {
        modal: true,
        detail: `It says: “${dialogText(message, 1000)}”\n\nThe address is\n${dialogText(url, 2000)}\n\nEnter there only what you would tell that site anyway.`,
      },
      open,
      decline,
    ),
  );
  if (chosen === decline) return { action: 'decline' };
  if (chosen !== open) return undefined;
  return { action: (await openAddress(url)) ? 'accept' : 'cancel' };
}

/** As a text: a parsed address loses which of its characters were escaped, and with it what a sign-in page is told. */
export function openAddress(url: string): Thenable<boolean> {
  return vscode.env.openExternal(url as unknown as vscode.Uri);
}
