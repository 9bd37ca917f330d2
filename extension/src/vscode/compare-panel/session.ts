import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/errors.ts';
import type { ComparedRun, RunComparison } from '../../core/orchestration/compare/index.ts';
import type {
  CompareFile,
  CompareHostMessage,
  CompareLine,
  ComparedPair,
  ComparePageMessage,
} from '../../protocol/compare-panel.ts';
import { comparePageMessageSchema } from '../../protocol/compare-panel-schema.ts';
import { errorInfo } from '../error-info.ts';
import { inSlices, nextTurn } from '../in-slices.ts';
import { runGone, sameRun } from './errors.ts';
import { changedFiles, filePair, lookInto } from './files.ts';
import { headOf, linesOf } from './lines.ts';
import type { PlacedLine } from './lines.ts';
import type { CompareActions, CompareSource, FoundRun } from './ports.ts';
import { textsOf } from './texts.ts';

/** A run that goes on is not compared more often than this. */
const RENEW_MS = 3_000;

/** What takes no longer than this is not worth a word about how far it is; then one each so often. */
const QUIET_MS = 500;
const PROGRESS_MS = 200;

/** Lines of one message, some 150 KB: the editor takes messages apart, and is to answer its user in between. */
const PAGE = 1_000;

export interface CompareSessionDeps {
  readonly pair: ComparedPair;
  readonly source: CompareSource;
  readonly actions: CompareActions;
  readonly post: (message: CompareHostMessage) => void;
  readonly showError: (message: string) => void;
  readonly now: () => number;
  /** Calls back once after so many milliseconds, unless it is disposed before. */
  readonly after: (ms: number, callback: () => void) => Disposable;
}

interface Compared {
  /** What the two runs had come to. */
  readonly key: string;
  readonly version: number;
  readonly found: { readonly a: FoundRun; readonly b: FoundRun };
  readonly runs: { readonly a: ComparedRun; readonly b: ComparedRun };
  readonly comparison: RunComparison;
  readonly placed: readonly PlacedLine[];
}

/** A comparison that is under way. */
interface Work {
  readonly key: string;
  readonly controller: AbortController;
  readonly result: Promise<Compared | undefined>;
}

/** The host's end of one comparison. */
export class CompareSession implements Disposable {
  #deps: CompareSessionDeps;
  #compared: Compared | undefined;
  #isShown = false;
  #version = 0;
  #work: Work | undefined;
  #looking: AbortController | undefined;
  #timer: Disposable | undefined;

  constructor(deps: CompareSessionDeps) {
    this.#deps = deps;
  }

  async receive(data: unknown): Promise<void> {
    const parsed = comparePageMessageSchema.safeParse(data);
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.type === 'ready') {
      this.#isShown = true;
      await this.#show();
      return;
    }
    if (message.type === 'texts') {
      await this.#texts(message.version, message.line);
      return;
    }
    try {
      await this.#act(message);
    } catch (error) {
      this.#deps.showError(messageOf(error));
    }
  }

  /** What the runs are found to be; undefined where they cannot be compared, which the page says, or the page was closed. */
  async outcome(): Promise<RunComparison | undefined> {
    try {
      return (await this.#compare())?.comparison;
    } catch {
      // The page asks again and shows the error with what to do about it.
      return undefined;
    }
  }

  /** Some run went on, or was removed. */
  changed(): void {
    if (!this.#isShown) return;
    this.#timer ??= this.#deps.after(RENEW_MS, () => {
      this.#timer = undefined;
      if (!this.#isShown) return;
      // A run that goes on must not end each comparison of it before its time.
      if (this.#work) this.changed();
      else if (this.#key() !== this.#compared?.key) void this.#show();
    });
  }

  /** The page was thrown away, as VS Code does with hidden ones. */
  hidden(): void {
    this.#isShown = false;
    this.#looking?.abort();
    this.#work?.controller.abort();
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  dispose(): void {
    this.hidden();
    this.#compared = undefined;
  }

  async #act(
    message: Exclude<ComparePageMessage, { readonly type: 'ready' } | { readonly type: 'texts' }>,
  ): Promise<void> {
    const { actions, pair } = this.#deps;
    switch (message.type) {
      case 'open-step':
        await actions.openStep(message.run, message.step);
        return;
      case 'open-text':
        await actions.openText(pair);
        return;
      case 'open-file': {
        const file = this.#compared && filePair(message.path, pair, this.#compared.comparison.files);
        if (file) await actions.openFile(file);
        return;
      }
      case 'choose-runs':
        await actions.chooseRuns();
    }
  }

  async #show(): Promise<void> {
    const { post, pair } = this.#deps;
    let compared: Compared | undefined;
    try {
      compared = await this.#compare();
    } catch (error) {
      this.#compared = undefined;
      post({ type: 'failed', pair, error: errorInfo(error) });
      return;
    }
    if (!compared) return;
    this.#looking?.abort();
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    const { version, comparison, found } = compared;
    const files = changedFiles(comparison.files);
    await this.#post(compared, files, signal);
    if (!files.some(({ verdict }) => verdict === 'unknown')) return;
    const known = await lookInto(files, comparison.files, found, signal);
    if (!signal.aborted) post({ type: 'files', version, files: known });
  }

  /** The comparison, its lines page by page, and its files. */
  async #post(compared: Compared, files: readonly CompareFile[], signal: AbortSignal): Promise<void> {
    const { post, pair } = this.#deps;
    const { version, comparison, runs, placed } = compared;
    const count = (other: 'only-a' | 'only-b'): number =>
      files.filter(({ verdict }) => verdict !== other).length;
    const page = (from: number): CompareLine[] => placed.slice(from, from + PAGE).map(({ line }) => line);
    post({
      ...{ type: 'comparison', version, pair },
      a: headOf(comparison.a, runs.a, count('only-b')),
      b: headOf(comparison.b, runs.b, count('only-a')),
      summary: comparison.summary,
      lines: page(0),
      total: placed.length,
    });
    for (let from = PAGE; from < placed.length; from += PAGE) {
      await nextTurn();
      if (signal.aborted) return;
      post({ type: 'lines', version, lines: page(from) });
    }
    post({ type: 'files', version, files });
  }

  /**
   * What was compared before, unless one of the runs has gone on since; undefined when it was given up. Throws where one of them
   * is not there.
   */
  async #compare(): Promise<Compared | undefined> {
    const { pair, source } = this.#deps;
    if (pair.a === pair.b) throw sameRun();
    const [a, b] = [source.find(pair.a), source.find(pair.b)];
    if (!a) throw runGone(pair.a);
    if (!b) throw runGone(pair.b);
    const key = keyOf(a, b);
    if (this.#compared?.key === key) return this.#compared;
    if (this.#work?.key === key && !this.#work.controller.signal.aborted) return this.#work.result;
    this.#work?.controller.abort();
    const controller = new AbortController();
    const work: Work = { key, controller, result: this.#make(key, { a, b }, controller.signal) };
    this.#work = work;
    try {
      return await work.result;
    } finally {
      if (this.#work === work) this.#work = undefined;
    }
  }

  async #make(key: string, found: Compared['found'], signal: AbortSignal): Promise<Compared | undefined> {
    const { post, now } = this.#deps;
    let next = now() + QUIET_MS;
    const { compareInParts, workOf } = await import('../../core/orchestration/compare/index.ts');
    const runs = { a: found.a.read(), b: found.b.read() };
    const all = workOf(runs.a, runs.b);
    const onProgress = (done: number): void => {
      if (!this.#isShown || now() < next) return;
      next = now() + PROGRESS_MS;
      post({ type: 'progress', share: Math.min(1, done / all) });
    };
    const comparison = await inSlices(compareInParts(runs.a, runs.b), { signal, now, onProgress });
    const placed = comparison && (await inSlices(linesOf(comparison), { signal, now }));
    if (!comparison || !placed) return undefined;
    this.#version += 1;
    this.#compared = { key, version: this.#version, found, runs, comparison, placed };
    return this.#compared;
  }

  #key(): string | undefined {
    const { pair, source } = this.#deps;
    const [a, b] = [source.find(pair.a), source.find(pair.b)];
    return a && b ? keyOf(a, b) : undefined;
  }

  async #texts(version: number, line: number): Promise<void> {
    const compared = this.#compared;
    const placed = compared?.placed[line];
    if (compared?.version !== version || !placed) return;
    const { stepText, textParts } = await import('../../core/orchestration/compare/index.ts');
    const { comparison, runs } = compared;
    const found = textsOf(
      { comparison, runs, textOf: (run, step) => stepText(step, run.payload), partsOf: textParts },
      placed.line,
      placed.step,
    );
    this.#deps.post({ type: 'texts', version, line, ...found });
  }
}

function keyOf(a: FoundRun, b: FoundRun): string {
  return `${String(a.version)} ${String(b.version)}`;
}
