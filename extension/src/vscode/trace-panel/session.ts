import { messageOf } from '../../base/errors.ts';
import type { Disposable } from '../../base/disposable.ts';
import { Disposables } from '../../base/disposable.ts';
import { unreachable } from '../../base/assert.ts';
import { panelMessageSchema } from '../../protocol/panel-schema.ts';
import type {
  HostMessage,
  PanelMessage,
  PanelTask,
  PayloadResult,
  PayloadTarget,
  WorkflowGraph,
} from '../../protocol/panel.ts';
import { packSteps, stepFacts } from '../../protocol/panel-steps.ts';
import type { StepFacts, StepsText } from '../../protocol/panel-steps.ts';
import { cutPayload, readPayload } from '../../protocol/payload.ts';
import type { Json } from '../../base/json.ts';
import type { RunEvent, RunId, StepId } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';
import { stepOf } from '../../protocol/run-view.ts';
import { errorInfo } from '../error-info.ts';
import { payloadMissing, runMissing } from './errors.ts';
import type { PanelActions, PanelEditor, RunSource } from './ports.ts';
import { workflowGraph } from './workflow-graph.ts';
import { headOf, slimEvent } from './slim.ts';

/** Events are collected for this long before they are posted: at most 20 messages a second. */
const COLLECT_MS = 50;
/** Steps of one message, some 700 KB: the editor takes messages apart, and is to answer its user in between. */
const PAGE = 10_000;
/** Characters of one payload that are sent to the webview; the whole can be opened in an editor. */
const PAYLOAD_BUDGET = 2_000_000;

export interface PanelSessionDeps {
  readonly source: RunSource;
  readonly actions: PanelActions;
  readonly editor: PanelEditor;
  readonly post: (message: HostMessage) => void;
  readonly now: () => number;
  /** Calls back once after so many milliseconds, unless it is disposed before. */
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** The host's end of one panel: which run it shows, what the webview has of it, and what it asks for. */
export class PanelSession implements Disposable {
  #deps: PanelSessionDeps;
  #run: RunId;
  /** The page is loaded and listens. A hidden webview does not: it asks anew when it is shown again. */
  #listening = false;
  #queue: RunEvent[] = [];
  /** A step to be selected as soon as the page listens. */
  #select: StepId | undefined;
  #timer: Disposable | undefined;
  /** Steps that are still to be posted. Events wait for them. */
  #pages: StepsText[] = [];
  /** Of a received trace: by what is told that it was made anew since it was posted. */
  #posted: string | undefined;
  #disposables = new Disposables();

  constructor(run: RunId, deps: PanelSessionDeps) {
    this.#run = run;
    this.#deps = deps;
    this.#disposables.add(
      deps.source.onDidAppend((events) => {
        this.#collect(events);
      }),
    );
  }

  get run(): RunId {
    return this.#run;
  }

  /** Shows the run, and of it the step. */
  show(run: RunId, step?: StepId): void {
    const same = run === this.#run;
    this.#run = run;
    this.#select = step;
    if (!this.#listening) return;
    if (!same) this.#postRun();
    else if (this.#pages.length === 0) this.#postSelect();
  }

  /** The webview's page was thrown away, as VS Code does with hidden ones. */
  hidden(): void {
    this.#listening = false;
    this.#clear();
  }

  /** Facts may have changed without an event: changes were applied, a lease was lost. */
  refresh(): void {
    // Events bring the facts along, and so does the end of what is being posted.
    if (this.#listening && this.#pages.length === 0) this.#postEvents([]);
  }

  async receive(data: unknown): Promise<void> {
    const parsed = panelMessageSchema.safeParse(data);
    if (!parsed.success) return;
    try {
      await this.#handle(parsed.data);
    } catch (error) {
      this.#deps.editor.showError(messageOf(error));
    }
  }

  dispose(): void {
    this.hidden();
    this.#disposables.dispose();
  }

  async #handle(message: PanelMessage): Promise<void> {
    const { editor, actions, post } = this.#deps;
    switch (message.type) {
      case 'ready':
        this.#listening = true;
        this.#postRun();
        return;
      case 'step':
        post({ type: 'step', run: message.run, facts: this.#facts(message.run, message.step) });
        return;
      case 'payload':
        post({
          type: 'payload',
          request: message.request,
          result: this.#payload(message.run, message.target),
        });
        return;
      case 'open-payload':
        await editor.openJson(JSON.stringify(this.#read(message.run, message.target), null, 2));
        return;
      case 'open-diff':
        await actions.openDiff(message.run, message.path, message.step);
        return;
      case 'copy':
        await editor.copy(message.text);
        return;
      case 'action':
        await this.#act(message.run, message.action, () => actions[message.action](message.run));
        return;
      case 'steer':
        await this.#act(message.run, 'steer', () => actions.steer(message.run, message.text));
        return;
      case 'fork':
        await this.#act(message.run, 'fork', () => actions.fork(message.run, message.step));
        return;
      case 'decide':
        await this.#act(message.run, 'decide', () =>
          actions.decide(message.run, message.step, message.decision),
        );
        return;
      case 'open-run':
        await actions.openRun(message.run, message.step);
        return;
      default:
        unreachable(message);
    }
  }

  async #act(run: RunId, action: PanelTask, perform: () => Promise<string | undefined>): Promise<void> {
    const { post } = this.#deps;
    try {
      const message = await perform();
      post({ type: 'action-done', run, action, ...(message ? { message } : {}) });
    } catch (error) {
      post({ type: 'action-done', run, action, error: errorInfo(error) });
    }
    this.refresh();
  }

  #postRun(): void {
    const { source, post, now } = this.#deps;
    this.#clear();
    try {
      const view = source.view(this.#run);
      if (!view) throw runMissing(this.#run);
      const graph = this.#graph(view);
      const facts = source.facts(this.#run);
      this.#posted = importMark(view);
      // All at once, since the view goes on changing in place; it is posting them that takes long.
      const [steps, ...more] = pagesOf(view);
      post({
        ...{ type: 'run', view: headOf(view), steps, total: view.steps.length },
        ...{ facts, ...(graph ? { graph } : {}), now: now() },
      });
      this.#pages = more;
      this.#postPages();
    } catch (error) {
      post({ type: 'unavailable', run: this.#run, error: errorInfo(error) });
    }
  }

  /** Without its picture the run can still be read, so what is wrong with its input is said where that is shown. */
  #graph({ input }: RunView): WorkflowGraph | undefined {
    if (!input) return undefined;
    try {
      return workflowGraph(readPayload((blob) => this.#deps.source.getBlob(blob), input));
    } catch {
      return undefined;
    }
  }

  #postSelect(): void {
    if (this.#select !== undefined) this.#deps.post({ type: 'select', run: this.#run, step: this.#select });
    this.#select = undefined;
  }

  /** One page in each turn, so that nothing else of the extension waits for all of them. */
  #postPages(): void {
    const [steps, ...rest] = this.#pages;
    if (!steps) {
      this.#postSelect();
      return;
    }
    this.#timer = this.#deps.after(0, () => {
      this.#timer = undefined;
      this.#pages = rest;
      this.#deps.post({ type: 'steps', run: this.#run, steps });
      this.#postPages();
      // With what has happened in the meantime.
      if (rest.length === 0) this.#postEvents(this.#queue.splice(0));
    });
  }

  #collect(events: readonly RunEvent[]): void {
    if (!this.#listening) return;
    for (const event of events) if (event.run === this.#run) this.#queue.push(event);
    this.#postSoon();
  }

  #postSoon(): void {
    if (this.#queue.length === 0) return;
    this.#timer ??= this.#deps.after(COLLECT_MS, () => {
      const queue = this.#queue;
      this.#clear();
      this.#postEvents(queue);
    });
  }

  #postEvents(events: readonly RunEvent[]): void {
    const { source, post, now } = this.#deps;
    try {
      const view = source.view(this.#run);
      // A trace that is coming in is written anew with each piece, and its events are not told one by one.
      if (view && importMark(view) !== this.#posted) {
        this.#postRun();
        return;
      }
      const facts = source.facts(this.#run);
      post({ type: 'events', run: this.#run, events: events.map(slimEvent), facts, now: now() });
    } catch (error) {
      post({ type: 'unavailable', run: this.#run, error: errorInfo(error) });
    }
  }

  #clear(): void {
    this.#queue = [];
    this.#pages = [];
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #facts(run: RunId, step: StepId): StepFacts | undefined {
    const view = this.#deps.source.view(run);
    const found = view && stepOf(view, step);
    return found && stepFacts(found);
  }

  #payload(run: RunId, target: PayloadTarget): PayloadResult {
    try {
      return cutPayload(this.#read(run, target), PAYLOAD_BUDGET);
    } catch (error) {
      return { error: errorInfo(error) };
    }
  }

  #read(run: RunId, { step: id, part }: PayloadTarget): Json {
    const { source } = this.#deps;
    const view = source.view(run);
    if (!view) throw runMissing(run);
    const step = id === undefined ? undefined : stepOf(view, id);
    if (id !== undefined && !step) throw payloadMissing();
    const payload = step ? step[part] : part === 'input' ? view.input : view.answer;
    if (!payload) throw payloadMissing();
    return readPayload((blob) => source.getBlob(blob), payload);
  }
}

function importMark(view: RunView): string | undefined {
  return view.origin.kind === 'import' ? JSON.stringify([view.lastSeq, headOf(view)]) : undefined;
}

function pagesOf({ steps, startedAt }: RunView): readonly [StepsText, ...StepsText[]] {
  const more: StepsText[] = [];
  for (let from = PAGE; from < steps.length; from += PAGE) {
    more.push(packSteps(steps.slice(from, from + PAGE), startedAt));
  }
  return [packSteps(steps.slice(0, PAGE), startedAt), ...more];
}
