import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import type { Entry } from './entry.ts';

export interface Contents {
  readonly files: readonly Entry[];
  /** Name of a link and what it leads to. */
  readonly links: readonly (readonly [string, string])[];
  readonly npm: string | undefined;
}

/** The image as a tar, which is made while it is read. */
export function writeTar(contents: () => Promise<Contents>): Readable {
  const tar = pack();
  fill(tar, contents).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(tar);
}

async function fill(tar: Pack, contents: () => Promise<Contents>): Promise<void> {
  const { files, links, npm } = await contents();
  for (const folder of [
    'etc',
    'usr',
    'usr/bin',
    'usr/lib',
    'usr/lib64',
    'usr/local',
    'usr/local/bin',
    'usr/local/lib',
    'opt',
    'workspace',
  ])
    tar.entry({ name: folder, type: 'directory', mode: 0o755 });
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  for (const [name, linkname] of [
    ['bin', 'usr/bin'],
    ['sbin', 'usr/bin'],
    ['lib', 'usr/lib'],
    ['lib64', 'usr/lib64'],
  ] as const)
    tar.entry({ name, type: 'symlink', linkname });
  tar.entry(
    { name: 'etc/passwd', mode: 0o644 },
    'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/tmp:/bin/sh\n',
  );
  tar.entry({ name: 'etc/group', mode: 0o644 }, 'root:x:0:\nnode:x:1000:\n');
  for (const file of files) await copyFile(tar, file);
  for (const [name, linkname] of links) tar.entry({ name, type: 'symlink', linkname });
  if (!npm) return;
  await copyFolder(tar, npm, 'usr/local/lib/node_modules/npm');
  for (const command of ['npm', 'npx'])
    tar.entry({
      name: `usr/local/bin/${command}`,
      type: 'symlink',
      linkname: `../lib/node_modules/npm/bin/${command}-cli.js`,
    });
}

async function copyFile(tar: Pack, { name, source, mode }: Entry): Promise<void> {
  const { size } = await stat(source);
  await pipeline(createReadStream(source), tar.entry({ name, size, mode }));
}

async function copyFolder(tar: Pack, folder: string, name: string): Promise<void> {
  tar.entry({ name, type: 'directory', mode: 0o755 });
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const source = join(folder, entry.name);
    const target = `${name}/${entry.name}`;
    if (entry.isDirectory()) await copyFolder(tar, source, target);
    else if (entry.isSymbolicLink())
      tar.entry({ name: target, type: 'symlink', linkname: await readlink(source) });
    else if (entry.isFile())
      await copyFile(tar, { name: target, source, mode: (await lstat(source)).mode & 0o111 ? 0o755 : 0o644 });
  }
}
