import type { Disposable } from '../../base/disposable.ts';
import type { DeploymentNode, ModelsNode } from './nodes.ts';
import { isCooling } from './next-call.ts';

export interface CountdownParts {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly after: (ms: number, callback: () => void) => Disposable;
  /** These rows say something else now. Not the routes above them: the editor forgets what is below a row that it reads anew. */
  readonly onTick: (deployments: readonly DeploymentNode[]) => void;
  /** A cooldown is over, of which nobody else tells. */
  readonly onOver: () => void;
}

const TICK_MS = 1000;

/** Lets rows of what cools down count the seconds, while the view can be seen and something does. */
export class Countdown implements Disposable {
  readonly #parts: CountdownParts;
  #deployments: readonly DeploymentNode[] = [];
  #visible = false;
  #timer: Disposable | undefined;

  constructor(parts: CountdownParts) {
    this.#parts = parts;
  }

  /** The rows that the view has now. */
  show(nodes: readonly ModelsNode[]): void {
    this.#deployments = nodes.flatMap((node) => (node.type === 'route' ? node.deployments : []));
    this.#schedule();
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#schedule();
  }

  dispose(): void {
    this.#deployments = [];
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (!this.#visible) return;
    const now = this.#parts.now();
    const ends = this.#cooling(now).map(({ state }) => state.cooling?.until ?? now);
    if (ends.length === 0) return;
    // At the end of a second of the one that is ready first, so that its row never shows one too many.
    const left = Math.min(...ends) - now;
    this.#timer = this.#parts.after(left % TICK_MS || TICK_MS, () => this.#tick(ends.length));
  }

  #tick(coolingBefore: number): void {
    const now = this.#parts.now();
    const cooling = this.#cooling(now);
    if (cooling.length < coolingBefore) this.#parts.onOver();
    else this.#parts.onTick(cooling);
    this.#schedule();
  }

  #cooling(now: number): readonly DeploymentNode[] {
    return this.#deployments.filter(({ state }) => isCooling(state, now));
  }
}
