import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { RunHandle } from '../core/orchestration/index.ts';
import type { StrataFolder } from '../folder.ts';
import type { RunFilter, RunGroups, RunSummary } from '../node/sqlite/index.ts';
import type { RunEvent, RunId } from '../protocol/run-event.ts';
import { applyEvent } from '../protocol/run-view.ts';
import type { RunView } from '../protocol/run-view.ts';
import type { FolderRuns } from './folder-runs.ts';

/** How often other windows and terminals are looked for that work in the same folder. */
const WATCH_MS = 500;
/** Views that are kept; one that was dropped is folded from its events again. */
const KEPT_VIEWS = 20;

/** A workspace folder in this window: its runs, whoever works on them, and those that this window works on itself. */
export class FolderSession implements FolderRuns, Disposable {
  readonly core: StrataFolder;
  readonly name: string;
  readonly #appended = new Emitter<readonly RunEvent[]>();
  readonly onDidAppend = this.#appended.event;
  readonly #views = new Map<RunId, RunView>();
  readonly #handles = new Map<RunId, RunHandle>();
  readonly #disposables = new Disposables();

  constructor(core: StrataFolder, name: string) {
    this.core = core;
    this.name = name;
    this.#disposables.add(core.store.onDidAppend((events) => this.#take(events)));
    this.#disposables.add(
      core.store.onDidRemove((runs) => {
        for (const run of runs) this.#views.delete(run);
      }),
    );
    this.#disposables.add(core.store.watch(WATCH_MS, (runs) => runs.forEach((run) => this.#catchUp(run))));
    this.#disposables.add(this.#appended);
  }

  get folder(): string {
    return this.core.folder;
  }

  get payload(): StrataFolder['payload'] {
    return this.core.payload;
  }

  list(limit: number, filter: RunFilter = {}): readonly RunSummary[] {
    return this.core.store.list({ limit, filter });
  }

  get groups(): RunGroups {
    return this.core.store.groups;
  }

  has(run: RunId): boolean {
    return this.core.store.has(run);
  }

  view(run: RunId): RunView | undefined {
    const kept = this.#views.get(run);
    if (kept) return kept;
    const view = this.core.view(run);
    if (view) this.#keep(view);
    return view;
  }

  /** A process is at work on the run now, here or elsewhere. */
  isLive(run: RunId): boolean {
    return this.#handles.has(run) || this.core.store.statusOf(run) === 'running';
  }

  /** Keeps the run at hand until it ends, so that it can be stopped from here. */
  adopt(handle: RunHandle): RunHandle {
    this.#handles.set(handle.run, handle);
    const gone = (): void => {
      this.#handles.delete(handle.run);
      this.#appended.fire([]);
    };
    handle.ended.then(gone, gone);
    return handle;
  }

  handle(run: RunId): RunHandle | undefined {
    return this.#handles.get(run);
  }

  /** For a folder that is taken out of the window: stops what runs here and waits until it has. */
  async close(): Promise<void> {
    const running = [...this.#handles.values()];
    for (const handle of running) handle.stop();
    await Promise.allSettled(running.map(({ ended }) => ended));
    this.dispose();
    await this.core.dispose();
  }

  /**
   * For a window that closes: lets go of everything at once. Nothing more is recorded, so a run that is under way stays as
   * it stands in the log, and the next window offers to go on with it.
   */
  cutOff(): void {
    this.dispose();
    this.core.store.dispose();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #keep(view: RunView): void {
    this.#views.set(view.id, view);
    const [oldest] = this.#views.keys();
    if (this.#views.size > KEPT_VIEWS && oldest !== undefined) this.#views.delete(oldest);
  }

  #take(events: readonly RunEvent[]): void {
    for (const event of events) {
      const view = this.#views.get(event.run);
      if (view && event.seq === view.lastSeq + 1) applyEvent(view, event);
      else if (view && event.seq > view.lastSeq) this.#views.delete(event.run);
      else if (!view && event.type === 'run.started') this.#keep(applyEvent(undefined, event));
    }
    this.#appended.fire(events);
  }

  #catchUp(run: RunId): void {
    const view = this.#views.get(run);
    // Whoever receives a trace writes it anew with each piece.
    if (view?.origin.kind === 'import') this.#views.delete(run);
    const since = this.#views.get(run)?.lastSeq;
    if (since === undefined) this.#appended.fire([]);
    else this.#take(this.core.store.read(run, since));
  }
}
