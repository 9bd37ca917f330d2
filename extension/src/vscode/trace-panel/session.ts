import { messageOf } from '../../base/errors.ts';
import type { Disposable } from '../../base/disposable.ts';
import { Disposables } from '../../base/disposable.ts';
import { unreachable } from '../../base/assert.ts';
import { panelMessageSchema } from '../../protocol/panel-schema.ts';
import type { HostMessage, PanelMessage, PanelTask } from '../../protocol/panel.ts';
import type { StepsText } from '../../protocol/panel-steps.ts';
import type { RunEvent, RunId, StepId } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';
import { errorInfo } from '../error-info.ts';
import { factsOf, graphOf, payloadResult, wholePayload } from './answers.ts';
import { runMissing } from './errors.ts';
import { pagesOf } from './pages.ts';
import type { PanelActions, PanelEditor, RunSource } from './ports.ts';
import { headOf, slimEvent } from './slim.ts';

/** Events are collected for this long before they are posted: at most 20 messages a second. */
const COLLECT_MS = 50;
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
  #pages: { readonly run: RunId; readonly make: () => StepsText }[] = [];
  /** Those of the run are all made, and only wait for their turn. */
  #made = false;
  /** Sub-runs that the page asked for. One that was not there when it did is `false`: it may begin later. */
  #subRuns = new Map<RunId, boolean>();
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
    this.#subRuns.clear();
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
    const { source, editor, actions, post } = this.#deps;
    switch (message.type) {
      case 'ready':
        this.#listening = true;
        this.#postRun();
        return;
      case 'sub-run':
        if (this.#listening) this.#postSubRun(message.run, message.after);
        return;
      case 'step':
        post({ type: 'step', run: message.run, facts: factsOf(source, message.run, message.step) });
        return;
      case 'payload':
        post({
          type: 'payload',
          request: message.request,
          result: payloadResult(source, message.run, message.target),
        });
        return;
      case 'open-payload':
        await editor.openJson(JSON.stringify(wholePayload(source, message.run, message.target), null, 2));
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
    // The page asks anew for those that it shows, and says what it has of them.
    this.#subRuns.clear();
    this.#clear();
    try {
      const view = source.view(this.#run);
      if (!view) throw runMissing(this.#run);
      const graph = graphOf(source, view);
      const facts = source.facts(this.#run);
      this.#posted = importMark(view);
      const [steps, ...more] = pagesOf(view);
      post({
        ...{ type: 'run', view: headOf(view), steps, total: view.steps.length },
        ...{ facts, ...(graph ? { graph } : {}), now: now() },
      });
      // The view of a run that goes on changes in place. Of one that stands still each page is made in its own turn.
      this.#made = view.status === 'running';
      this.#pages = (this.#made ? made(more) : more).map((make) => ({ run: view.id, make }));
      this.#postPages();
    } catch (error) {
      post({ type: 'unavailable', run: this.#run, error: errorInfo(error) });
    }
  }

  /** Once, and then what is appended to it; to a page that has its events up to `after`, only what it lacks. */
  #postSubRun(run: RunId, after?: number): void {
    const { source, post } = this.#deps;
    this.#subRuns.set(run, false);
    try {
      const view = source.view(run);
      if (view?.id !== run) throw runMissing(run);
      this.#subRuns.set(run, true);
      if (after !== undefined && after <= view.lastSeq) {
        this.#queue.push(...source.read(run, after));
        this.#postSoon();
        return;
      }
      const [steps, ...more] = pagesOf(view);
      post({ type: 'sub-run', run, view: headOf(view), steps, total: view.steps.length });
      if (more.length === 0) return;
      const idle = this.#pages.length === 0;
      this.#pages.push(...made(more).map((make) => ({ run, make })));
      if (idle) this.#postPages();
    } catch (error) {
      post({ type: 'sub-run', run, error: errorInfo(error) });
    }
  }

  #postSelect(): void {
    if (this.#select !== undefined) this.#deps.post({ type: 'select', run: this.#run, step: this.#select });
    this.#select = undefined;
  }

  /** One page in each turn, so that nothing else of the extension waits for all of them. */
  #postPages(): void {
    if (this.#pages.length === 0) {
      this.#postSelect();
      return;
    }
    this.#timer?.dispose();
    this.#timer = this.#deps.after(0, () => {
      this.#timer = undefined;
      const page = this.#pages.shift();
      if (page) this.#deps.post({ type: 'steps', run: page.run, steps: page.make() });
      this.#postPages();
      // With what has happened in the meantime.
      if (this.#pages.length === 0) this.#postEvents(this.#queue.splice(0));
    });
  }

  #collect(events: readonly RunEvent[]): void {
    if (!this.#listening) return;
    const goesOn = events.some(({ run }) => run === this.#run);
    if (goesOn && !this.#made && this.#pages.some(({ run }) => run === this.#run)) {
      // Pages that are not made yet would have these events in them, and those on their way would not.
      this.#postRun();
      return;
    }
    for (const event of events) {
      if (event.run === this.#run || this.#subRuns.has(event.run)) this.#queue.push(event);
    }
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
      const begun = this.#postBegun(events);
      const sent = events.filter(({ run }) => !begun.has(run)).map(slimEvent);
      post({ type: 'events', run: this.#run, events: sent, facts, now: now() });
    } catch (error) {
      post({ type: 'unavailable', run: this.#run, error: errorInfo(error) });
    }
  }

  /** Posts the sub-runs that were asked for before they began, with all that has happened in them. */
  #postBegun(events: readonly RunEvent[]): ReadonlySet<RunId> {
    const begun = new Set<RunId>();
    for (const [run, posted] of this.#subRuns) {
      // What another process records is told without its events.
      const told = events.length === 0 || events.some((event) => event.run === run);
      if (posted || !told || this.#deps.source.view(run)?.id !== run) continue;
      begun.add(run);
      this.#postSubRun(run);
    }
    return begun;
  }

  #clear(): void {
    this.#queue = [];
    this.#pages = [];
    this.#timer?.dispose();
    this.#timer = undefined;
  }
}

/** The same pages, as they are now. */
function made(pages: readonly (() => StepsText)[]): readonly (() => StepsText)[] {
  return pages.map((make) => {
    const text = make();
    return () => text;
  });
}

function importMark(view: RunView): string | undefined {
  return view.origin.kind === 'import' ? JSON.stringify([view.lastSeq, headOf(view)]) : undefined;
}
