import type { JsonObject } from '../../../base/json.ts';
import type { Tool, ToolResult } from '../../tools/tool.ts';
import { RunStopped } from '../errors.ts';
import type { RunFiles } from '../ports.ts';
import type { RunEnd, RunEnvironment, RunHandle } from '../run-environment.ts';
import type { RunInput } from '../run-input.ts';
import { startRun } from '../run.ts';
import { createCallQueue } from './calls.ts';
import type { Caller } from './calls.ts';

export interface GatewayRunOptions {
  /** Whether the user's files may have changed since this was last asked; where nobody knows, they may. */
  readonly filesMayHaveChanged: () => boolean;
  /** Whether the tool works on files at all. */
  readonly touchesFiles: (tool: string) => boolean;
}

/** A run whose calls come in from outside, for as long as they do. */
export interface GatewayRun {
  readonly handle: RunHandle;
  /** Rejects when the run has ended before it could answer. */
  call(
    tool: string,
    args: JsonObject,
    options: { readonly signal: AbortSignal; readonly caller: Caller },
  ): Promise<ToolResult>;
  /** The tools are looked at again before the next call. */
  toolsChanged(): void;
  /** Called off are calls whose signal is aborted; the run ends when all are answered. */
  end(): Promise<RunEnd>;
}

export function startGatewayRun(
  environment: RunEnvironment,
  input: RunInput,
  options: GatewayRunOptions,
): GatewayRun {
  let files: RunFiles | undefined;
  let begun = false;
  const queue = createCallQueue((_tools: readonly Tool[]) => {
    begun = true;
  });
  const handle = startRun(
    {
      ...environment,
      open: async (run, given, view) => {
        const resources = await environment.open(run, given, view);
        ({ files } = resources);
        return { ...resources, calls: queue.calls };
      },
    },
    input,
  );
  void handle.ended.then(
    (end) => queue.fail(end.error ?? new RunStopped()),
    (error: unknown) => queue.fail(error),
  );

  /** One look at a time, so that an older state of the files never comes after a newer one. */
  let looked: Promise<void> = Promise.resolve();
  let last: string | undefined;
  const bringInFiles = (signal: AbortSignal): Promise<void> => {
    const look = looked.then(async () => {
      if (!files?.workspaceTree || !options.filesMayHaveChanged()) return;
      const tree = await files.workspaceTree(signal);
      if (tree !== last) queue.push({ kind: 'files', tree });
      last = tree;
    });
    looked = look.catch(() => undefined); // It is the error of the call that asked for it.
    return look;
  };

  return {
    handle,
    call: async (tool, args, given) => {
      // What the run begins with is as new as can be.
      if (begun && options.touchesFiles(tool)) await bringInFiles(given.signal);
      return queue.call(tool, args, given);
    },
    toolsChanged: () => queue.push({ kind: 'tools' }),
    end: () => {
      queue.close();
      return handle.ended;
    },
  };
}
