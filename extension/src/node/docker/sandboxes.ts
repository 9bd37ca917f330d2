import { join } from 'node:path';
import type { AsyncDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { ServerDefinition } from '../../core/tools/index.ts';
import type { EgressConnection } from '../../protocol/tool-use.ts';
import type { ServerProcess } from '../mcp/server-process.ts';
import { startContainer, type Container } from './container.ts';
import { openEgress, type Egress } from './egress/index.ts';
import { engineFailure, type Engine } from './engine.ts';
import { guardedNames, shareFolder, type SharedFolder } from './folder.ts';
import { findImage, prepareImage, removeUnusedImages } from './images.ts';
import type { ImageOptions, PreparedImage } from './images/prepared-image.ts';
import { ownOwner } from './owner.ts';
import { remoteFolder, type RemoteFolder } from './remote/remote-folder.ts';
import { ownerLabel } from './sweep.ts';

export interface SandboxesOptions {
  readonly engine: Engine;
  /** Holds `mcp-servers/<server>/` and `sandbox/egress/`, each with a Dockerfile and a `server.mjs`. */
  readonly bundles: string;
  /** The user's folder, for labels, and for Dockerfiles and scripts in it. */
  readonly workspace: string;
  readonly baseImage: string;
  /** What is being fetched or built, for people who wait for it. */
  readonly onProgress: (text: string) => void;
}

/** What a server works on. */
export interface SandboxPlace {
  readonly folder: string;
  /** The folder is the run's own copy, whose ownership may be changed. */
  readonly ownCopy: boolean;
  readonly readOnly: boolean;
  /** For the labels. */
  readonly run: string;
}

export interface StartRequest {
  readonly definition: ServerDefinition;
  readonly image: PreparedImage;
  readonly place: SandboxPlace;
  /** Values of the secrets that the definition names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Starts servers in containers of one engine. */
export interface Sandboxes extends AsyncDisposable {
  readonly engine: Engine;
  /** Whether the engine is still there. */
  answers(): Promise<boolean>;
  /** Builds or pulls what the server runs from. */
  prepare(definition: ServerDefinition, options: ImageOptions): Promise<PreparedImage>;
  /** The same where it is there already; builds and pulls nothing. */
  find(definition: ServerDefinition, signal: AbortSignal): Promise<PreparedImage | undefined>;
  start(request: StartRequest): Promise<ServerProcess>;
  /**
   * On an engine of another machine, the copy of the place's folder there, which must be kept in step around each call;
   * undefined where the folder itself is mounted.
   */
  copyOf(place: SandboxPlace, signal: AbortSignal): Promise<RemoteFolder | undefined>;
  /** Nothing runs on the place's folder any more. */
  leave(place: SandboxPlace): Promise<void>;
  /** Removes images that were replaced, or that nobody has used for a month; none of those that are named by their ids. */
  removeUnused(keep: ReadonlySet<string>, signal: AbortSignal): Promise<number>;
}

/** A run opens several servers, and asks for each more than once. */
const REMEMBERED_MS = 60_000;

interface Sharing {
  /** The folder as it was called then. */
  readonly key: string;
  users: number;
  folder: Promise<SharedFolder>;
}

export function openSandboxes(options: SandboxesOptions): Sandboxes {
  const { engine, bundles, workspace, baseImage, onProgress } = options;
  const requestFor = (definition: ServerDefinition, signal: AbortSignal) => ({
    name: definition.name,
    serversDir: join(bundles, 'mcp-servers'),
    folder: workspace,
    base: baseImage,
    signal,
  });
  const helperRequest = (name: 'egress' | 'files', signal: AbortSignal) => ({
    name,
    serversDir: join(bundles, 'sandbox'),
    folder: workspace,
    base: baseImage,
    signal,
  });
  /** Of our own programs beside the servers. */
  const helperImage = async (
    name: 'egress' | 'files',
    { signal, onProgress }: ImageOptions,
  ): Promise<string> =>
    (await prepareImage(engine, { kind: 'built-in' }, { ...helperRequest(name, signal), onProgress })).id;
  const shared = new Map<string, Sharing>();
  const images = new Map<string, { readonly image: PreparedImage; readonly until: number }>();
  const keyOf = ({ name, source, sandbox }: ServerDefinition): string =>
    JSON.stringify([name, source, sandbox.network.length > 0]);
  const remember = (definition: ServerDefinition, image: PreparedImage): PreparedImage => {
    images.set(keyOf(definition), { image, until: performance.now() + REMEMBERED_MS });
    return image;
  };

  /** A folder is made ready once while anything runs in it; see shareFolder. */
  const share = (place: SandboxPlace): Sharing => {
    const known = shared.get(place.folder);
    const key = place.folder;
    const sharing = known ?? { key, users: 0, folder: shareFolder(engine, key, place) };
    sharing.users += 1;
    shared.set(key, sharing);
    return sharing;
  };
  const release = (sharing: Sharing): void => {
    sharing.users -= 1;
    if (sharing.users === 0 && shared.get(sharing.key) === sharing) shared.delete(sharing.key);
  };

  const copies = new Map<string, Promise<RemoteFolder>>();
  const copyOf: Sandboxes['copyOf'] = (place, signal) => {
    if (!engine.remote) return Promise.resolve(undefined);
    const known = copies.get(place.folder);
    if (known) return known;
    const opening = openCopy(place, signal);
    copies.set(place.folder, opening);
    opening.catch(() => copies.delete(place.folder));
    return opening;
  };
  const openCopy = async (place: SandboxPlace, signal: AbortSignal): Promise<RemoteFolder> => {
    const [{ path, user }, image] = await Promise.all([
      shareFolder(engine, place.folder, place),
      helperImage('files', { signal, onProgress }),
    ]);
    onProgress('Copying the files to the engine on the other machine');
    const guarded = place.ownCopy ? [] : await guardedNames(path);
    return remoteFolder(
      engine,
      { folder: path, user, labels: labelsOf(workspace, place), image, guarded },
      signal,
    );
  };
  const leave = async (folder: string): Promise<void> => {
    const copy = await copies.get(folder)?.catch(() => undefined); // One that failed has left nothing.
    copies.delete(folder);
    await copy?.dispose();
  };

  return {
    engine,
    copyOf,
    leave: (place) => leave(place.folder),
    removeUnused: (keep, signal) => removeUnusedImages(engine, { keep, now: Date.now(), signal }),
    dispose: async () => {
      await Promise.all([...copies.keys()].map(leave));
      await engine.dispose();
    },
    answers: async () => (await engineFailure(engine)) === undefined,
    prepare: async (definition, options) => {
      const { source, sandbox } = definition;
      if (sandbox.network.length > 0) await helperImage('egress', options);
      const request = { ...requestFor(definition, options.signal), ...options };
      return remember(definition, await prepareImage(engine, source, request));
    },
    find: async (definition, signal) => {
      const known = images.get(keyOf(definition));
      if (known && known.until > performance.now()) return known.image;
      const needsEgress = definition.sandbox.network.length > 0;
      const [image, egress] = await Promise.all([
        findImage(engine, definition.source, requestFor(definition, signal)),
        needsEgress ? findImage(engine, { kind: 'built-in' }, helperRequest('egress', signal)) : undefined,
      ]);
      return image && (egress !== undefined || !needsEgress) ? remember(definition, image) : undefined;
    },
    start: async (request) => {
      const { definition, place } = request;
      const egress =
        definition.sandbox.network.length > 0
          ? await helperImage('egress', { signal: request.signal, onProgress })
          : undefined;
      const given = { engine, workspace, egress };
      const sharing = definition.sandbox.files === 'none' ? undefined : share(place);
      try {
        const copy = sharing && (await copyOf(place, request.signal));
        const folder = await sharing?.folder;
        const process = await start(
          given,
          request,
          folder && (copy ? { ...folder, volume: copy.volume } : folder),
        );
        if (sharing) void process.ended.then(() => release(sharing));
        return process;
      } catch (error) {
        // The image may have been removed.
        images.delete(keyOf(definition));
        if (sharing) release(sharing);
        throw error;
      }
    },
  };
}

interface Given {
  readonly engine: Engine;
  readonly workspace: string;
  /** Image of the forwarder, where the server has a network. */
  readonly egress: string | undefined;
}

async function start(
  { engine, workspace, egress: forwarder }: Given,
  { definition, image, place, secrets, signal }: StartRequest,
  folder: SharedFolder | undefined,
): Promise<ServerProcess> {
  const { name, sandbox, source } = definition;
  const labels = labelsOf(workspace, place);
  const connections = new Emitter<EgressConnection>();
  const egress =
    forwarder === undefined
      ? undefined
      : await openEgress(
          engine,
          {
            server: name,
            hosts: sandbox.network,
            labels,
            image: forwarder,
            onConnection: (one) => connections.fire(one),
          },
          signal,
        );
  try {
    const isBuiltIn = source.kind === 'built-in';
    const hasOurInit = source.kind !== 'image' && source.kind !== 'dockerfile';
    const process = await startContainer(
      engine,
      {
        server: name,
        image: image.id,
        ...(image.entrypoint ? { entrypoint: image.entrypoint } : {}),
        arguments: [...image.arguments, ...(isBuiltIn && place.readOnly ? ['--read-only'] : [])],
        environment: { ...image.environment, ...sandbox.environment, ...egress?.environment, ...secrets },
        folder,
        readOnly: place.readOnly,
        guarded: place.ownCopy || !folder ? [] : await guardedNames(folder.path),
        ...(egress ? { network: egress.container } : {}),
        ownInit: hasOurInit,
        takesPipes: hasOurInit,
        nameless: definition.nameless === true,
        sandbox,
        labels,
      },
      signal,
    );
    if (egress) tieTogether(process, egress);
    return withWhatIsKnown(process, image.id, connections);
  } catch (error) {
    await egress?.dispose();
    throw error;
  }
}

/** A server without its network would answer with errors of its own until it is idle; stopped, it starts again whole. */
function tieTogether(process: Container, egress: Egress): void {
  let runs = true;
  void process.ended.then(() => {
    runs = false;
    return egress.dispose();
  });
  void egress.ended.then(() => (runs ? process.stopBecause('its network had gone') : undefined));
}

function labelsOf(workspace: string, { run }: SandboxPlace): Record<string, string> {
  return { 'strata.folder': workspace, 'strata.run': run, [ownerLabel]: ownOwner() };
}

/** The same process, and what only its starter knows of it. */
function withWhatIsKnown(
  process: ServerProcess,
  image: string,
  connections: Emitter<EgressConnection>,
): ServerProcess {
  return {
    input: process.input,
    output: process.output,
    errors: process.errors,
    memoryLimitBytes: process.memoryLimitBytes,
    image,
    ...(process.notes ? { notes: process.notes } : {}),
    onConnection: connections.event,
    ended: process.ended,
    outOfMemoryKills: () => process.outOfMemoryKills(),
    stop: () => process.stop(),
  };
}
