import type { DatabaseSync } from 'node:sqlite';
import { isStrataError } from '../../base/errors.ts';
import type { RunEventBody, RunId } from '../../protocol/run-event.ts';
import { readEvent } from './read-events.ts';

/**
 * What a list of runs is filtered by: models that a run called, files that it changed, what failed in it, of which it may have several,
 * and who started it.
 */
export interface Trait {
  readonly kind: 'model' | 'file' | 'error' | 'user';
  readonly value: string;
}

/** A trait of `error` says what failed: the code of the error, or `result` where a tool answered that it could not do it. */
export function traitsOf(body: RunEventBody): readonly Trait[] {
  switch (body.type) {
    case 'run.started':
      return body.user === undefined ? [] : [{ kind: 'user', value: body.user }];
    case 'step.finished': {
      const { model, tool, files, isError } = body;
      if (!model && !tool?.sampled && !files && !isError) return [];
      return [
        ...[...(model ? [model] : []), ...(tool?.sampled ?? [])].map((use): Trait => ({
          kind: 'model',
          value: `${use.provider}/${use.model}`,
        })),
        ...(files?.paths ?? []).map((value): Trait => ({ kind: 'file', value })),
        ...(isError ? [{ kind: 'error', value: 'result' } as const] : []),
      ];
    }
    case 'step.failed':
      return [{ kind: 'error', value: body.error.code }];
    case 'run.finished':
      return body.outcome === 'failed' ? [{ kind: 'error', value: body.error?.code ?? 'failed' }] : [];
    default:
      return [];
  }
}

export interface TraitKeeper {
  /** To be called in the transaction that the events are written in. */
  keep(run: RunId, bodies: readonly RunEventBody[]): void;
  /** To be called when what was kept may be gone: the transaction failed, the run was removed. */
  forget(): void;
}

/** So many are known to be there. Every model call says its model again, and looking that up costs as much as writing it. */
const KNOWN = 10_000;

export function traitKeeper(database: DatabaseSync): TraitKeeper {
  const insert = database.prepare('INSERT OR IGNORE INTO run_trait VALUES (?, ?, ?)');
  const known = new Set<string>();
  return {
    keep: (run, bodies) => {
      for (const body of bodies)
        for (const { kind, value } of traitsOf(body)) {
          const key = `${run}\n${kind}\n${value}`;
          if (known.has(key)) continue;
          insert.run(run, kind, value);
          if (known.size >= KNOWN) known.clear();
          known.add(key);
        }
    },
    forget: () => known.clear(),
  };
}

/** Reads what older formats did not keep from the events; whoever wrote them recorded no user. To be called in a transaction. */
export function fillTraits(database: DatabaseSync): void {
  const { keep } = traitKeeper(database);
  const events = database.prepare(
    `SELECT run, seq, body FROM event WHERE instr(body, '"type":"step.finished"') OR
      instr(body, '"type":"step.failed"') OR instr(body, '"type":"run.finished"')`,
  );
  for (const row of events.iterate()) {
    const [run, seq] = [String(row['run']), Number(row['seq'])];
    try {
      keep(run, [readEvent(run, seq, String(row['body']))]);
    } catch (error) {
      // Whoever opens that run is told of its damage; the log with all others still opens.
      if (!isStrataError(error)) throw error;
    }
  }
}
