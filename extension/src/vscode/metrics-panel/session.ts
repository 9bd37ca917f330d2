import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/errors.ts';
import type { MetricsChoice, MetricsHostMessage } from '../../protocol/metrics-panel.ts';
import { metricsPageMessageSchema } from '../../protocol/metrics-panel-schema.ts';
import { errorInfo } from '../error-info.ts';
import { metricsOf, runsOf } from './answer.ts';
import type { MeasuredFolder, MetricsActions } from './ports.ts';

/** Runs that go on append all the time; numbers that jump more often than this are not read. */
const RENEW_MS = 3_000;

export interface MetricsSessionDeps {
  readonly folder: MeasuredFolder;
  readonly actions: MetricsActions;
  readonly post: (message: MetricsHostMessage) => void;
  readonly showError: (message: string) => void;
  readonly now: () => number;
  /** Calls back once after so many milliseconds, unless it is disposed before. */
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** The host's end of one page of metrics. What is asked for last counts: a question before it is given up. */
export class MetricsSession implements Disposable {
  #deps: MetricsSessionDeps;
  #shown: MetricsChoice | undefined;
  #asking: AbortController | undefined;
  #listing: AbortController | undefined;
  #timer: Disposable | undefined;

  constructor(deps: MetricsSessionDeps) {
    this.#deps = deps;
  }

  async receive(data: unknown): Promise<void> {
    const parsed = metricsPageMessageSchema.safeParse(data);
    if (!parsed.success) return;
    const message = parsed.data;
    const { actions, folder, showError } = this.#deps;
    switch (message.type) {
      case 'show':
        await this.#show(message.choice);
        return;
      case 'runs':
        await this.#list(message.choice, message.start);
        return;
      default:
        try {
          await (message.type === 'open-run'
            ? actions.openRun(message.run)
            : actions.runAgent(folder.folder));
        } catch (error) {
          showError(messageOf(error));
        }
    }
  }

  /** The log has grown. */
  changed(): void {
    if (!this.#shown) return;
    this.#timer ??= this.#deps.after(RENEW_MS, () => {
      this.#timer = undefined;
      if (this.#shown) void this.#show(this.#shown);
    });
  }

  /** The page was thrown away, as VS Code does with hidden ones. */
  hidden(): void {
    this.#shown = undefined;
    this.#asking?.abort();
    this.#listing?.abort();
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  dispose(): void {
    this.hidden();
  }

  async #show(choice: MetricsChoice): Promise<void> {
    const { folder, post } = this.#deps;
    this.#shown = choice;
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const onProgress = (read: number, of: number): void => {
      if (!signal.aborted) post({ type: 'reading', read, of });
    };
    await this.#answer(signal, (now) => metricsOf(folder, choice, { signal, onProgress, now }));
  }

  async #list(choice: MetricsChoice, start: number | undefined): Promise<void> {
    this.#listing?.abort();
    this.#listing = new AbortController();
    const { signal } = this.#listing;
    await this.#answer(signal, (now) => runsOf(this.#deps.folder, choice, start, { signal, now }));
  }

  async #answer(signal: AbortSignal, ask: (now: number) => Promise<MetricsHostMessage>): Promise<void> {
    const { post, now } = this.#deps;
    try {
      const message = await ask(now());
      if (!signal.aborted) post(message);
    } catch (error) {
      if (!signal.aborted) post({ type: 'failed', error: errorInfo(error) });
    }
  }
}
