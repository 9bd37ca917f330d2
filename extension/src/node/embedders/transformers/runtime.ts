import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { EmbedderError, type Loading } from '../../../core/memory/embedding/index.ts';
import { download } from './download.ts';
import { RUNTIME_PACKAGES, type RuntimePackage } from './runtime-packages.ts';

export interface RuntimeOptions {
  readonly folder: string;
  readonly registry: string;
  readonly signal: AbortSignal;
  readonly onLoading: (loading: Loading) => void;
}

/** The folder with the runtime of local models, which is downloaded where it is not there yet. */
export async function ensureRuntime(options: RuntimeOptions): Promise<string> {
  const versions = RUNTIME_PACKAGES.map(({ version }) => version).join('+');
  const folder = path.join(options.folder, `runtime-${versions}`);
  if (await exists(folder)) return folder;
  await mkdir(options.folder, { recursive: true });
  const making = await mkdtemp(path.join(options.folder, 'making-'));
  const total = RUNTIME_PACKAGES.reduce((sum, { size }) => sum + size, 0);
  try {
    let before = 0;
    for (const one of RUNTIME_PACKAGES) {
      await fetchPackage(one, making, options, (done) =>
        options.onLoading({ done: Math.min(before + done, total), total }),
      );
      before += one.size;
    }
    // Whole or not at all; another window may have been quicker.
    await rename(making, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
    return folder;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function fetchPackage(
  { name, version, integrity, files }: RuntimePackage,
  folder: string,
  { registry, signal }: RuntimeOptions,
  onBytes: (done: number) => void,
): Promise<void> {
  const url = `${registry}/${name}/-/${name.split('/').at(-1) ?? name}-${version}.tgz`;
  const archive = path.join(folder, 'archive.tgz');
  const found = await download({ url, file: archive, signal, integrity, mostBytes: 200 << 20, onBytes });
  if (found === undefined) throw new EmbedderError('download', `${url} does not exist.`);
  const missing = new Set(Object.keys(files));
  const unpack = extract();
  const unpacked = pipeline(createReadStream(archive), createGunzip(), unpack, { signal });
  for await (const entry of unpack) {
    const target = files[entry.header.name];
    if (target === undefined || entry.header.type !== 'file') entry.resume();
    else {
      missing.delete(entry.header.name);
      await pipeline(entry, createWriteStream(path.join(folder, target)));
    }
  }
  await unpacked;
  await rm(archive);
  if (missing.size > 0) throw new EmbedderError('download', `${url} lacks ${[...missing].join(' and ')}.`);
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
