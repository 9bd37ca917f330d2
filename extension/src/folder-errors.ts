import { StrataError } from './base/errors.ts';
import type { RunId, StepId } from './protocol/run-event.ts';

export function folderMissing(folder: string, cause: unknown): StrataError {
  return new StrataError(
    'folder-missing',
    `There is no folder ${folder}.`,
    'Name a folder that exists with --workspace, or open one.',
    {
      cause,
    },
  );
}

export function folderUnreadable(folder: string, cause: unknown): StrataError {
  return new StrataError(
    'folder-unreadable',
    `The folder ${folder} may not be read.`,
    'Check its permissions.',
    { cause },
  );
}

export function nothingChanged(run: RunId): StrataError {
  return new StrataError(
    'nothing-changed',
    `Run ${run} changed no files.`,
    'There is nothing to apply or to discard.',
  );
}

export function noRouteOfItsOwn(route: string): StrataError {
  return new StrataError(
    'no-own-route',
    `A workflow asks no model itself, so it cannot be run with ${route}.`,
    'Name the route in its agents’ files, or run one of them.',
  );
}

export function nothingToUndo(run: RunId): StrataError {
  return new StrataError(
    'nothing-to-undo',
    `The changes of run ${run} were not applied, or that was undone already.`,
    'There is nothing to undo.',
  );
}

export function stepHasNoFiles(run: RunId, step: StepId): StrataError {
  return new StrataError(
    'no-files-then',
    `Run ${run} had no files yet at step ${step}, or has no such step.`,
    'Name a step of its trace that comes after the snapshot.',
  );
}

export function runNotRemembered(run: RunId): StrataError {
  return new StrataError(
    'run-not-remembered',
    `Nothing is kept of run ${run}, neither its log nor an episode.`,
    'List what is kept with `strata memory list`.',
  );
}
