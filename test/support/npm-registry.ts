import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** File name → content; `package.json` gets name and version by itself. */
export type PackageFiles = Readonly<Record<string, string>>;

export interface NpmRegistry {
  readonly port: number;
  /** How often an archive was fetched. */
  readonly fetched: ReadonlyMap<string, number>;
  publish(name: string, version: string, files: PackageFiles, manifest?: object): Promise<void>;
  /** What is answered for a package in place of itself: a status, or nothing at all, ever. */
  answer(name: string, answer: number | 'silence'): void;
  /** Settles when somebody asks for a package that is answered with silence, and then when they have hung up. */
  asked(name: string): Promise<{ readonly left: Promise<void> }>;
  close(): Promise<void>;
}

interface Published {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly archive: Buffer;
}

/** The part of an npm registry that `npm install` uses, on a free port of every address of this machine. */
export async function npmRegistry(): Promise<NpmRegistry> {
  const packages = new Map<string, Map<string, Published>>();
  const answers = new Map<string, number | 'silence'>();
  const waiting = new Map<string, (asked: { readonly left: Promise<void> }) => void>();
  const fetched = new Map<string, number>();
  const server = createServer((request, response) => {
    const [name = '', archive] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const answer = answers.get(name);
    if (answer === 'silence') {
      const left = new Promise<void>((resolve) => response.once('close', resolve));
      waiting.get(name)?.({ left });
      return;
    }
    if (answer !== undefined) reply(response, answer, { error: 'refused' });
    else if (archive === undefined) sendManifest(response, packages.get(name), request.headers.host ?? '');
    else {
      fetched.set(name, (fetched.get(name) ?? 0) + 1);
      response.end(packages.get(name)?.get(archive.replace(/\.tgz$/, ''))?.archive);
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '0.0.0.0', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    fetched,
    publish: async (name, version, files, more = {}) => {
      const manifest = { name, version, ...more };
      const archive = await archiveOf({ 'package.json': JSON.stringify(manifest), ...files });
      const versions = packages.get(name) ?? new Map<string, Published>();
      packages.set(name, versions.set(version, { manifest, archive }));
    },
    answer: (name, answer) => void answers.set(name, answer),
    asked: (name) => new Promise((resolve) => waiting.set(name, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendManifest(
  response: ServerResponse,
  versions: ReadonlyMap<string, Published> | undefined,
  host: string,
): void {
  if (!versions) {
    reply(response, 404, { error: 'Not found' });
    return;
  }
  const name = String([...versions.values()][0]?.manifest['name']);
  const entries = [...versions].map(([version, { manifest, archive }]) => {
    const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    const dist = { tarball: `http://${host}/${name}/-/${version}.tgz`, integrity };
    return [version, { ...manifest, dist }] as const;
  });
  reply(response, 200, {
    name,
    'dist-tags': { latest: [...versions.keys()].at(-1) },
    versions: Object.fromEntries(entries),
  });
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function archiveOf(files: PackageFiles): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files))
    tar.entry({ name: `package/${name}`, mode: 0o755 }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}
