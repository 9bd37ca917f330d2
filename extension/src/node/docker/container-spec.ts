import type Docker from 'dockerode';
import { join } from 'node:path';
import type { Sandbox } from '../../core/tools/server-definition.ts';
import type { Engine } from './engine.ts';
import type { SharedFolder } from './folder.ts';
import { pipesPath } from './pipes.ts';

/** One server as it runs in a container. What is absent is not given: the defaults are the strictest. */
export interface ContainerSpec {
  /** Name of the server, for messages and labels. */
  readonly server: string;
  /** Id of the image, or a name that cannot come to mean another one. */
  readonly image: string;
  /** Instead of the image's own. */
  readonly entrypoint?: readonly string[];
  readonly arguments: readonly string[];
  /** Secrets included, so it is never shown. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Mounted at `/workspace`, unless the sandbox says that the server gets no files. */
  readonly folder?: SharedFolder | undefined;
  readonly readOnly: boolean;
  /** Names in the folder that stay read-only even where the rest can be written; see `guardedNames`. */
  readonly guarded?: readonly string[];
  /** Id of the container whose network, a loopback and no more, is joined; see `egress/`. */
  readonly network?: string;
  /**
   * The image's first process is an init that its own user cannot read, as in our images. In others the engine's init is
   * put in front, so that what a server's children leave behind is reaped and does not use up its processes. That one can
   * be read, and so the server's output be written to by way of it; but so can the server of such an image itself.
   */
  readonly ownInit: boolean;
  /** The image's init takes the standard input and output from named pipes where it finds some. */
  readonly takesPipes?: boolean;
  /** It runs nobody's programs and asks for no host, so that no name has to be resolved, `localhost` neither. */
  readonly nameless?: boolean;
  readonly sandbox: Pick<
    Sandbox,
    'memoryBytes' | 'cpus' | 'processes' | 'openFiles' | 'temporaryBytes' | 'files'
  >;
  readonly labels: Readonly<Record<string, string>>;
}

const mebibyte = 1024 * 1024;
/** The kernel's smallest memory in which a server of any kind starts; half of a tiny engine may be below. */
const smallestMemory = 128 * mebibyte;
/** A bind mount has no quota. One file at least cannot fill the disk; more of them are seen by `disk-watch.ts`. */
const largestFileBytes = 2 * 1024 * mebibyte;
/** Less than any system gives its users. */
const leastProcessesOfUser = 16_384;

/** Bytes that a container may use: what was asked for, and no more than half of the engine's. */
export function memoryLimit(engine: Engine, spec: ContainerSpec): number {
  const half = Math.floor(engine.memoryBytes / 2);
  return half > 0
    ? Math.min(spec.sandbox.memoryBytes, Math.max(smallestMemory, half))
    : spec.sandbox.memoryBytes;
}

/** The typings lack one of them. */
type CreateOptions = Docker.ContainerCreateOptions & {
  HostConfig: Docker.HostConfig & { CgroupnsMode: 'private' };
};

/**
 * What the engine is asked for. `seccomp` is the profile as the engine wants it; undefined where it has no seccomp. `pipes`
 * is a folder of named pipes; see `pipes.ts`.
 */
export function createOptions(
  engine: Engine,
  spec: ContainerSpec,
  seccomp: string | undefined,
  pipes?: string,
): CreateOptions {
  const memory = memoryLimit(engine, spec);
  const { sandbox } = spec;
  return {
    Image: spec.image,
    ...(spec.entrypoint ? { Entrypoint: [...spec.entrypoint] } : {}),
    Cmd: [...spec.arguments],
    User: spec.folder?.user ?? userWithoutFolder(engine),
    Env: environmentOf(spec),
    Labels: { ...spec.labels, 'strata.server': spec.server },
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
    // An engine that is stopped, or comes back after a crash, ends its containers first. Ours have nothing to finish, and their
    // first process takes no notice of the usual signal: each would hold the engine up for ten seconds.
    StopSignal: 'SIGKILL',
    // The network namespace is the runtime's work. What an engine adds to one without a network is the files by which names are
    // resolved, and for that it starts two large programs of its own, which take as long as all the rest.
    ...(spec.nameless && spec.network === undefined && !engine.features.podman
      ? { NetworkDisabled: true }
      : {}),
    HostConfig: {
      AutoRemove: true,
      NetworkMode: spec.network === undefined ? 'none' : `container:${spec.network}`,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges', ...(seccomp === undefined ? [] : [`seccomp=${seccomp}`])],
      IpcMode: 'none',
      CgroupnsMode: 'private',
      PidsLimit: sandbox.processes,
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(Math.min(sandbox.cpus, engine.cpus) * 1e9),
      OomScoreAdj: 500, // Where memory runs out on the host itself, these go before anything of the user's.
      Ulimits: [
        limit('nofile', sandbox.openFiles),
        limit('core', 0),
        limit('fsize', largestFileBytes),
        // Podman asks for a million by itself, which one without all rights may not give. It is counted for each user of
        // the whole machine, so it cannot be the number of the sandbox.
        ...(engine.features.podman ? [limit('nproc', leastProcessesOfUser)] : []),
      ],
      Tmpfs: temporaryFolders(engine, sandbox.temporaryBytes),
      // What resolves names on the host is nobody's business inside; the loopback answers nothing.
      ...(spec.network === undefined ? { Dns: ['127.0.0.1'], DnsSearch: ['.'] } : {}),
      LogConfig: { Type: 'none', Config: {} },
      Init: !spec.ownInit && engine.features.init,
      Mounts: [...mountsOf(spec), ...(pipes === undefined ? [] : [bind(pipes, pipesPath, true)])],
    },
  };
}

function temporaryFolders(engine: Engine, bytes: number): Record<string, string> {
  const closed = 'rw,noexec,nosuid,nodev';
  const folders = { '/tmp': `${closed},size=${bytes},mode=1777` };
  if (!engine.features.podman) return folders;
  // Podman adds these two to a read-only root by itself, without a limit and for programs too.
  return { ...folders, '/run': `${closed},size=64k`, '/var/tmp': `${closed},size=64k` };
}

function limit(name: string, value: number): { Name: string; Soft: number; Hard: number } {
  return { Name: name, Soft: value, Hard: value };
}

/** On a rootless engine user 0 inside is the user who runs it; nobody else has an id there that is sure to exist. */
function userWithoutFolder(engine: Engine): string {
  return engine.rootless ? '0:0' : '1000:1000';
}

/** Nothing but `/tmp` can be written to for certain, whoever the user is. */
function environmentOf(spec: ContainerSpec): string[] {
  const environment = { HOME: '/tmp', ...spec.environment };
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

/** The folder that a container really gets, and whether it may write to it: the strictest of all that is said about it. */
export function mountedFolder(
  spec: ContainerSpec,
): { path: string; volume: string | undefined; writable: boolean } | undefined {
  if (!spec.folder || spec.sandbox.files === 'none') return undefined;
  const { path, volume } = spec.folder;
  return { path, volume, writable: spec.sandbox.files === 'write' && !spec.readOnly };
}

/** Not Binds: there a missing source becomes a new folder that belongs to root, and a colon in a path divides it. */
function mountsOf(spec: ContainerSpec): Docker.MountSettings[] {
  const folder = mountedFolder(spec);
  if (!folder) return [];
  if (folder.volume !== undefined)
    // Of a copy nothing is guarded in the mount: what is changed there at guarded names is not taken back.
    return [
      {
        Type: 'volume',
        Source: folder.volume,
        Target: '/workspace',
        ReadOnly: !folder.writable,
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
      },
    ];
  return [
    bind(folder.path, '/workspace', !folder.writable),
    ...(folder.writable ? (spec.guarded ?? []) : []).map((name) =>
      bind(join(folder.path, name), `/workspace/${name}`, true),
    ),
  ];
}

function bind(path: string, target: string, closed: boolean): Docker.MountSettings {
  return {
    Type: 'bind',
    Source: path,
    Target: target,
    ReadOnly: closed,
    BindOptions: { Propagation: 'rprivate' },
  };
}
