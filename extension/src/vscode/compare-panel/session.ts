import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/errors.ts';
import type { ComparedRun, RunComparison } from '../../core/orchestration/compare/index.ts';
import type { ComparedPair, CompareHostMessage, ComparePageMessage } from '../../protocol/compare-panel.ts';
import { comparePageMessageSchema } from '../../protocol/compare-panel-schema.ts';
import { errorInfo } from '../error-info.ts';
import { runGone, sameRun } from './errors.ts';
import { changedFiles, filePair, lookInto } from './files.ts';
import { headOf, linesOf } from './lines.ts';
import type { PlacedLine } from './lines.ts';
import type { CompareActions, CompareSource, FoundRun } from './ports.ts';
import { textsOf } from './texts.ts';

/** A run that goes on is not compared more often than this. */
const RENEW_MS = 3_000;

export interface CompareSessionDeps {
  readonly pair: ComparedPair;
  readonly source: CompareSource;
  readonly actions: CompareActions;
  readonly post: (message: CompareHostMessage) => void;
  readonly showError: (message: string) => void;
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

/** The host's end of one comparison. */
export class CompareSession implements Disposable {
  #deps: CompareSessionDeps;
  #compared: Compared | undefined;
  #isShown = false;
  #version = 0;
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

  /** What the runs are found to be; undefined where they cannot be compared, which the page says. */
  async outcome(): Promise<RunComparison | undefined> {
    try {
      return (await this.#compare()).comparison;
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
      if (this.#isShown && this.#key() !== this.#compared?.key) void this.#show();
    });
  }

  /** The page was thrown away, as VS Code does with hidden ones. */
  hidden(): void {
    this.#isShown = false;
    this.#looking?.abort();
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
    let compared: Compared;
    try {
      compared = await this.#compare();
    } catch (error) {
      this.#compared = undefined;
      post({ type: 'failed', pair, error: errorInfo(error) });
      return;
    }
    const { version, comparison, runs, placed, found } = compared;
    const files = changedFiles(comparison.files);
    const count = (other: 'only-a' | 'only-b'): number =>
      files.filter(({ verdict }) => verdict !== other).length;
    post({
      ...{ type: 'comparison', version, pair },
      a: headOf(comparison.a, runs.a, count('only-b')),
      b: headOf(comparison.b, runs.b, count('only-a')),
      summary: comparison.summary,
      lines: placed.map(({ line }) => line),
    });
    post({ type: 'files', version, files });
    if (!files.some(({ verdict }) => verdict === 'unknown')) return;
    this.#looking?.abort();
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    const known = await lookInto(files, comparison.files, found, signal);
    if (!signal.aborted) post({ type: 'files', version, files: known });
  }

  /** What was compared before, unless one of the runs has gone on since. Throws where one of them is not there. */
  async #compare(): Promise<Compared> {
    const { pair, source } = this.#deps;
    if (pair.a === pair.b) throw sameRun();
    const [a, b] = [source.find(pair.a), source.find(pair.b)];
    if (!a) throw runGone(pair.a);
    if (!b) throw runGone(pair.b);
    const key = keyOf(a, b);
    if (this.#compared?.key === key) return this.#compared;
    const { compareRuns } = await import('../../core/orchestration/compare/index.ts');
    const runs = { a: a.read(), b: b.read() };
    const comparison = compareRuns(runs.a, runs.b);
    this.#version += 1;
    this.#compared = {
      ...{ key, version: this.#version, found: { a, b }, runs, comparison },
      placed: linesOf(comparison),
    };
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
