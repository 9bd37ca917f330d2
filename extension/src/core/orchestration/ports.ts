import type { JsonObject } from '../../base/json.ts';
import type { Memory } from '../memory/memory.ts';
import type { SecretFilter } from '../redaction/index.ts';
import type { BlobId, RunEvent, RunEventBody, RunId, StepEffect, StepId } from '../../protocol/run-event.ts';

/** The right to append to a run. A higher fence makes every lower one worthless. */
export interface Lease {
  readonly run: RunId;
  readonly fence: number;
}

/** Where runs are kept. Synchronous, so that an event is committed before anything else can happen. */
export interface RunLog {
  /** Commits the events in one transaction and returns them numbered. Throws `lease-lost` when another owner took over. */
  append(lease: Lease, bodies: readonly RunEventBody[]): readonly RunEvent[];
  read(run: RunId, afterSeq?: number): readonly RunEvent[];
  /** Keeps the text, without the secrets in it, under its SHA-256; the same text is kept once. */
  putBlob(text: string): BlobId;
  /** Throws `blob-damaged` when it is missing or its text no longer has its hash. */
  getBlob(id: BlobId): string;
  /** What this log writes in place of secrets. Without one it writes what it is given. */
  readonly secrets?: SecretFilter;
}

/** What a run has of layer 3. */
export type RunMemory = Pick<Memory, 'index' | 'recall' | 'remember'>;

/** The run's own copy of the workspace. Trees are git tree ids. */
export interface RunFiles {
  /** Folder that the tools work in. */
  readonly folder: string;
  /**
   * Takes the user's files into the run's copy, or those of an earlier tree where `from` names one. Run once, as the
   * first step.
   */
  begin(
    signal: AbortSignal,
    from?: string,
  ): Promise<{ readonly tree: string; readonly files: number; readonly notes: readonly string[] }>;
  /** Records the files as they are now. */
  snapshot(signal: AbortSignal): Promise<string>;
  /** Records the user's files as they are now, for a merge. Absent where the run works in them. */
  workspaceTree?(signal: AbortSignal): Promise<string>;
  /** Puts the files back as they were. */
  restore(tree: string, signal: AbortSignal): Promise<void>;
  changedPaths(before: string, after: string): Promise<readonly string[]>;
  /** Three-way merge of trees, line by line where both sides changed a text. No folder is touched. */
  merge(
    changes: { readonly base: string; readonly ours: string; readonly theirs: string },
    signal: AbortSignal,
  ): Promise<{
    readonly tree: string;
    /** What theirs brought in. */
    readonly paths: readonly string[];
    /** Files that the tree holds as ours left them, since both sides cannot be had. */
    readonly conflicts: readonly MergeConflict[];
  }>;
}

export interface MergeConflict {
  readonly path: string;
  /** What stands in the way, as one sentence. */
  readonly reason: string;
}

/** Runs and who may write to them. */
export interface RunLeases {
  /** Commits the start and what follows it in one transaction: a run exists with all of them or not at all. */
  begin(
    run: RunId,
    started: Extract<RunEventBody, { type: 'run.started' }>,
    rest?: readonly RunEventBody[],
  ): { readonly lease: Lease; readonly event: RunEvent; readonly events: readonly RunEvent[] };
  /** Takes the run over from an owner that is gone. Throws `run-owned` while one is alive. */
  acquire(run: RunId): Lease;
  release(lease: Lease): void;
}

/** A tool call that waits for a person. */
export interface ApprovalRequest {
  readonly run: RunId;
  readonly step: StepId;
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly effect: StepEffect;
  /** The rule that wants it, as a person finds it in the file; absent where the tool's effect alone does. */
  readonly rule?: string;
}

export interface ApprovalAnswer {
  readonly allowed: boolean;
  /** What the person said, for the model to read. */
  readonly reason?: string;
  /** To be called with these in place of the model's. */
  readonly arguments?: JsonObject;
}
