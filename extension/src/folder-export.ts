import type { Disposable } from './base/disposable.ts';
import { messageOf } from './base/errors.ts';
import type { Json } from './base/json.ts';
import { ACCOUNTS, boundKeyName, keyOf } from './core/models/index.ts';
import type { Environment, Keys, ResolvedRoutes } from './core/models/index.ts';
import { familyEvents } from './core/observability/index.ts';
import { environmentDestinations, readDestinations } from './core/observability/otlp-export/index.ts';
import type { ReadDestinations } from './core/observability/otlp-export/index.ts';
import type { Exporter } from './node/otlp/index.ts';
import type { RunStore } from './node/sqlite/index.ts';
import { rootRunId } from './protocol/run-event.ts';
import type { RunId } from './protocol/run-event.ts';

/** What the editor or the terminal says about the export of runs. */
export interface FolderExportHost {
  /** The setting as it is now; without it, the variables of OpenTelemetry count. */
  readonly settings?: () => { readonly destinations: Json | undefined; readonly content: boolean };
  /** A sentence for the log. */
  readonly note: (text: string) => void;
  /** A process that ends with its run waits so long until it is sent; what is left waits for the next one. */
  readonly waitMs: number;
}

export interface FolderExportParts {
  /** Of the queue. */
  readonly path: string;
  readonly store: RunStore;
  readonly host: FolderExportHost | undefined;
  readonly env: Environment;
  readonly keys: Keys;
  readonly routes: () => Promise<ResolvedRoutes>;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

export interface FolderExport {
  dispose(): Promise<void>;
}

/** Exports the folder's runs as they end. Without a destination nothing is loaded for it. */
export function folderExport(parts: FolderExportParts): FolderExport {
  const { store, host } = parts;
  if (!host) return { dispose: () => Promise.resolve() };
  const told = new Set<string>();
  const destinations = (): ReadDestinations['destinations'] => {
    const { destinations: found, mistakes } = host.settings
      ? readDestinations(host.settings().destinations, host.settings())
      : environmentDestinations(parts.env);
    for (const text of mistakes.map(messageOf)) {
      if (!told.has(text)) host.note(text);
      told.add(text);
    }
    return found;
  };

  let exporter: Promise<Exporter> | undefined;
  const open = (): Promise<Exporter> => {
    exporter ??= openExporter(parts, host, destinations);
    return exporter;
  };
  const add = (runs: readonly RunId[]): void => {
    if (runs.length === 0 || destinations().length === 0) return;
    open().then(
      (opened) => runs.forEach((run) => opened.add(run)),
      (error: unknown) => host.note(`Runs are not exported: ${messageOf(error)}`),
    );
  };
  const listening = store.onDidAppend((events) =>
    add(events.flatMap(({ type, run }) => (type === 'run.finished' && rootRunId(run) === run ? [run] : []))),
  );
  // What was left from before, when there is less to do than at the start.
  const starting = parts.after(START_MS, () => {
    if (destinations().length > 0)
      open().then(
        (opened) => opened.start(),
        () => undefined,
      );
  });

  return {
    dispose: async () => {
      listening.dispose();
      starting.dispose();
      const opened = await exporter?.catch(() => undefined);
      // What could not be sent in time waits on the disk.
      if (opened && host.waitMs > 0)
        await opened.flush(AbortSignal.timeout(host.waitMs)).catch(() => undefined);
      await opened?.dispose();
    },
  };
}

const START_MS = 5_000;

async function openExporter(
  { path, store, env, keys, routes, after }: FolderExportParts,
  { note }: FolderExportHost,
  destinations: () => ReadDestinations['destinations'],
): Promise<Exporter> {
  const { createExporter, openOutbox } = await import('./node/otlp/index.ts');
  return createExporter({
    outbox: openOutbox(path),
    destinations,
    events: (run) => (store.has(run) ? familyEvents(store, run) : undefined),
    getBlob: store.getBlob,
    secret: (name, origin) => keys.get(boundKeyName(name, origin)),
    secrets: () => knownKeys(env, keys, routes),
    now: Date.now,
    chance: Math.random,
    after,
    note,
  });
}

/**
 * Keys of models. The log leaves out what was known when it was written: an agent may have read one in a file before anybody used it, and
 * a run may come from a file that another machine wrote.
 */
async function knownKeys(
  env: Environment,
  keys: Keys,
  routes: () => Promise<ResolvedRoutes>,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (const { variables } of Object.values(ACCOUNTS))
    for (const variable of variables) if (env[variable]) known.set(variable, env[variable]);
  const resolved = await routes().catch(() => undefined);
  for (const { deployments } of resolved?.routes.values() ?? [])
    for (const { deployment } of deployments) {
      // One that is not set cannot leave.
      const key = await keyOf(deployment, keys, env).catch(() => undefined);
      if (key !== undefined && deployment.keyName !== undefined) known.set(deployment.keyName, key);
    }
  return known;
}
