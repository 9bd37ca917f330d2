import { Emitter } from '../../extension/src/base/event.ts';
import type { RunFacts } from '../../extension/src/protocol/panel.ts';
import type { BlobId, RunEvent, RunId } from '../../extension/src/protocol/run-event.ts';
import type { RunSource } from '../../extension/src/vscode/trace-panel/ports.ts';
import type { RecordedRun } from './recorded-run.ts';

/** A run with sub-runs, all written to by hand. The first is the one that the others are parts of. */
export class RecordedTeam implements RunSource {
  readonly id: RunId;
  readonly root: RecordedRun;
  readonly runs = new Map<RunId, RecordedRun>();
  /** Runs whose events were asked for as a whole. */
  readonly viewed: RunId[] = [];
  #appended = new Emitter<readonly RunEvent[]>();
  readonly onDidAppend = this.#appended.event;

  constructor(root: RecordedRun, ...more: readonly RecordedRun[]) {
    this.id = root.id;
    this.root = root;
    for (const run of [root, ...more]) this.add(run);
  }

  add(run: RecordedRun): this {
    this.runs.set(run.id, run);
    run.onDidAppend((events) => this.#appended.fire(events));
    return this;
  }

  view(run: RunId) {
    this.viewed.push(run);
    return this.runs.get(run)?.view();
  }

  read(run: RunId, afterSeq: number) {
    return this.runs.get(run)?.read(run, afterSeq) ?? [];
  }

  facts(): RunFacts {
    return this.root.facts();
  }

  getBlob(id: BlobId): string {
    const owner = [...this.runs.values()].find(({ blobs }) => blobs.has(id)) ?? this.root;
    return owner.getBlob(id);
  }
}
