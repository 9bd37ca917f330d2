import type { Disposable } from './base/disposable.ts';
import type { Memory } from './core/memory/index.ts';
import { modelsAlone, newestTree, treesOf } from './core/orchestration/index.ts';
import type { RunEnvironment, RunResources } from './core/orchestration/index.ts';
import type { SamplingDesk } from './core/tools/index.ts';
import { mayWrite } from './folder-input.ts';
import type { FolderModels } from './folder-models.ts';
import type { GitRunFiles } from './node/git/index.ts';
import type { FolderTools } from './node/tool-host/index.ts';
import type { Isolation, RunId } from './protocol/run-event.ts';

export interface FolderResourcesParts {
  readonly models: FolderModels;
  readonly memory: Memory;
  readonly tools: FolderTools;
  readonly sampling: SamplingDesk;
  readonly openFiles: (run: RunId, isolation: Isolation, tree?: string) => Promise<GitRunFiles>;
  readonly host: Pick<RunResources, 'approve' | 'decideUnknown'>;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** Servers for the next run are started this long after one has begun. */
const REFILL_MS = 5_000;
const ADOPT_LIMIT_MS = 60_000;

/** What a run works with, opened for as long as it does; with `tool` the server of that one alone is started, when it is called. */
export function folderResources({
  models,
  memory,
  tools,
  sampling,
  openFiles,
  host,
  after,
}: FolderResourcesParts): (tool: string | undefined) => RunEnvironment['open'] {
  return (tool) => async (run, input, view) => {
    if (input.program.kind === 'chat') return modelsAlone(await models.forRun(run, input));
    const tree = newestTree(view);
    const kind = mayWrite(input) ? 'write' : 'read';
    const isNew = view.isolation === 'copy' && tree === undefined;
    const [ofRun, files, slot] = await Promise.all([
      models.forRun(run, input),
      openFiles(run, view.isolation, tree),
      isNew ? tools.takeSlot(kind) : undefined,
    ]);
    // The run that it was forked from may be removed before it.
    if (view.origin.kind === 'fork') await files.adopt(treesOf(view), AbortSignal.timeout(ADOPT_LIMIT_MS));
    const warmed = (await slot?.moveTo(files.folder)) ? slot : undefined;
    if (!warmed) await slot?.dispose();
    const place = {
      folder: files.folder,
      ownCopy: view.isolation === 'copy',
      readOnly: kind === 'read',
      run,
    };
    const { registry, face, dispose } = await tools.open({
      place,
      slot: warmed,
      sample: sampling.sample,
      startAhead: tool === undefined,
      ...(tool === undefined ? {} : { tool }),
      onProgress: () => undefined,
    });
    // Not while this run begins, which has more to do than enough.
    if (isNew) after(REFILL_MS, () => tools.warm(kind));
    return {
      models: ofRun,
      timesAllowed: () => models.timesAllowed(run, input),
      memory,
      files,
      tools: registry,
      sampling,
      serverOf: face,
      approve: host.approve,
      decideUnknown: host.decideUnknown,
      dispose: async () => {
        await dispose();
        // What a sub-run did is in its snapshots; one that goes on makes its copy anew.
        if (input.depth > 0) await files.discard();
      },
    };
  };
}
