import { readFile } from 'node:fs/promises';
import { pack } from 'tar-stream';
import * as z from 'zod';
import { isStrataError, messageOf } from '../../../../base/errors.ts';
import { engineFailure, type Engine } from '../../engine.ts';
import { engineRequest, engineStream } from '../../engine-request.ts';
import { ownOwner } from '../../owner.ts';
import { ownerLabel, removeContainer } from '../../sweep.ts';
import type { BaseImage } from '../base-image.ts';
import { diskFailure } from '../engine-words.ts';
import { serverLabel } from '../labels.ts';
import { npmFailed, npmMissing } from './errors.ts';
import { installArguments, type Platform } from './install-arguments.ts';
import { npmFailure } from './npm-words.ts';
import type { PackageSpec } from './package-spec.ts';
import { manifestFor } from './staging.ts';
import { unpackStage } from './unpack-stage.ts';

const limitMs = 5 * 60_000;
const gibibyte = 1024 ** 3;
const user = 1000;

export interface ContainerInstall {
  readonly engine: Engine;
  readonly base: BaseImage;
  readonly platform: Platform;
  readonly name: string;
  readonly spec: PackageSpec;
  /** The staging folder on this machine, which gets what npm installed. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const createdSchema = z.object({ Id: z.string() });
const endedSchema = z.object({ StatusCode: z.number() });

/** For machines without npm: the same installation in a container of the base image, which has a network and no files of ours. */
export async function installInContainer(install: ContainerInstall): Promise<void> {
  const { engine, spec, signal } = install;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const ask = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) =>
    engineRequest(engine.connection, { method, path, signal: limit, ...(body ? { body } : {}) });
  let id: string | undefined;
  try {
    const certificates = await ownCertificates();
    const options = containerOptions(install, certificates !== undefined);
    engine.shared.guard();
    id = createdSchema.parse(JSON.parse(await ask('POST', '/containers/create', options))).Id;
    await ask('PUT', `/containers/${id}/archive?path=/`, await stageArchive(spec, certificates));
    await ask('POST', `/containers/${id}/start`);
    const { StatusCode: code } = endedSchema.parse(JSON.parse(await ask('POST', `/containers/${id}/wait`)));
    if (code !== 0) throw npmFailure(spec.name, await ask('GET', `/containers/${id}/logs?stdout=1&stderr=1`));
    const stage = await engineStream(engine.connection, {
      method: 'GET',
      path: `/containers/${id}/archive?path=/stage`,
      signal: limit,
      limitMs: 60_000,
    });
    await unpackStage(stage, install.folder, limit);
  } catch (error) {
    signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    throw (await engineFailure(engine)) ?? failure(install, messageOf(error));
  } finally {
    const made = id;
    if (made !== undefined)
      await removeContainer(engine, made, AbortSignal.timeout(10_000)).catch(() =>
        engine.shared.removeLater(made),
      );
  }
}

function failure({ spec, base }: ContainerInstall, detail: string) {
  if (/executable file not found|no such file or directory/i.test(detail)) return npmMissing(base.reference);
  return diskFailure(`installing ${spec.name}`, detail) ?? npmFailed(spec.name, detail);
}

function containerOptions({ base, name, platform }: ContainerInstall, hasCertificates: boolean): object {
  return {
    Image: base.id,
    Entrypoint: ['npm'],
    Cmd: installArguments(platform),
    WorkingDir: '/stage',
    User: `${user}:${user}`,
    Env: [...environment(), ...(hasCertificates ? ['NODE_EXTRA_CA_CERTS=/stage/.certificates.pem'] : [])],
    Labels: { [ownerLabel]: ownOwner(), [serverLabel]: name },
    Tty: true, // Its log is then plain text.
    HostConfig: {
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      IpcMode: 'none',
      PidsLimit: 256,
      Memory: 2 * gibibyte,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    },
  };
}

/** What the user's npm would have taken from the environment. */
function environment(): readonly string[] {
  const wanted = /^(?:https?_proxy|no_proxy|npm_config_(?:registry|proxy|https_proxy|noproxy))$/i;
  const taken = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return ['HOME=/tmp', 'NO_COLOR=1', ...taken.map(([name, value]) => `${name}=${value ?? ''}`)];
}

/** Certificate authorities of the user's network, where a proxy signs everything with its own. */
async function ownCertificates(): Promise<Buffer | undefined> {
  const path = process.env['NODE_EXTRA_CA_CERTS'];
  return path === undefined ? undefined : readFile(path).catch(() => undefined); // Node, too, goes on without.
}

async function stageArchive(spec: PackageSpec, certificates: Buffer | undefined): Promise<Buffer> {
  const tar = pack();
  const owner = { uid: user, gid: user };
  tar.entry({ name: 'stage', type: 'directory', mode: 0o755, ...owner });
  tar.entry({ name: 'stage/package.json', mode: 0o644, ...owner }, manifestFor(spec));
  if (certificates) tar.entry({ name: 'stage/.certificates.pem', mode: 0o644, ...owner }, certificates);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
