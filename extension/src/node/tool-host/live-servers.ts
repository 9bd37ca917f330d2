import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { McpServerFace, McpServerState } from '../mcp/index.ts';

/** The servers that are open now, of all runs: several of one name, each on files of its own. */
export class LiveServers {
  readonly #open = new Map<string, Set<McpServerFace>>();
  readonly #changed = new Emitter<string>();
  /** Names the server. */
  readonly onDidChange = this.#changed.event;

  add(server: McpServerFace): Disposable {
    const { name } = server;
    const all = this.#open.get(name) ?? new Set();
    this.#open.set(name, all);
    all.add(server);
    const watched = server.onDidChangeState(() => this.#changed.fire(name));
    return {
      dispose: () => {
        watched.dispose();
        all.delete(server);
        this.#changed.fire(name);
      },
    };
  }

  states(name: string): readonly McpServerState[] {
    return [...(this.#open.get(name) ?? [])].map(({ state }) => state);
  }

  async stop(name: string): Promise<void> {
    await Promise.all([...(this.#open.get(name) ?? [])].map((server) => server.stop()));
  }
}
