import { createHash, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export interface ImageRegistry {
  /** First part of the images' names. */
  readonly host: string;
  /** Serves an image with one layer of random content; returns its digest. */
  publish(name: string, config: object, options?: { readonly megabytes?: number }): Promise<string>;
  /** Serves an index that has nothing for Linux. */
  publishForWindows(name: string): void;
  /** Asks for a login. */
  lock(name: string): void;
  /** Sends the half of every layer of the image, and no more. Settles when an engine waits for the rest. */
  stall(name: string): Promise<void>;
  close(): Promise<void>;
}

const types = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
};

/** The part of a registry of images that a pull uses (OCI distribution, version 2). Engines take 127.0.0.0/8 without TLS. */
export async function imageRegistry(): Promise<ImageRegistry> {
  const manifests = new Map<string, { readonly type: string; readonly body: Buffer }>();
  const blobs = new Map<string, Buffer>();
  const locked = new Set<string>();
  const stalled = new Map<string, () => void>();
  const server = createServer((request, response) => {
    const [, name = '', kind, reference = ''] =
      /^\/v2\/(.*)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
    if (request.url === '/v2/') response.end('{}');
    else if (locked.has(name)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' });
      refuse(response, 'UNAUTHORIZED', 'authentication required');
    } else if (kind === 'manifests') {
      const found = manifests.get(`${name}:${reference}`);
      if (!found) {
        response.writeHead(404);
        refuse(response, 'MANIFEST_UNKNOWN', 'manifest unknown');
        return;
      }
      response.writeHead(200, {
        'content-type': found.type,
        'content-length': found.body.length,
        'docker-content-digest': digestOf(found.body),
      });
      response.end(request.method === 'HEAD' ? undefined : found.body);
    } else sendBlob(response, blobs.get(reference), stalled.get(name));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const keep = (name: string, type: string, content: object): string => {
    const body = Buffer.from(JSON.stringify(content));
    for (const reference of ['latest', digestOf(body)]) manifests.set(`${name}:${reference}`, { type, body });
    return digestOf(body);
  };
  const addBlob = (mediaType: string, content: Buffer) => {
    blobs.set(digestOf(content), content);
    return { mediaType, size: content.length, digest: digestOf(content) };
  };
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    publish: async (name, config, { megabytes = 1 } = {}) => {
      const layer = await archiveOf('content', randomBytes(megabytes * 1_000_000));
      const description = {
        architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch,
        os: 'linux',
        config,
        rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
      };
      return keep(name, types.manifest, {
        schemaVersion: 2,
        mediaType: types.manifest,
        config: addBlob(types.config, Buffer.from(JSON.stringify(description))),
        layers: [addBlob(types.layer, gzipSync(layer))],
      });
    },
    publishForWindows: (name) => {
      const platform = { architecture: 'amd64', os: 'windows' };
      const entry = { mediaType: types.manifest, size: 2, digest: digestOf(Buffer.from('{}')), platform };
      keep(name, types.index, { schemaVersion: 2, mediaType: types.index, manifests: [entry] });
    },
    lock: (name) => void locked.add(name),
    stall: (name) => new Promise((resolve) => stalled.set(name, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendBlob(
  response: ServerResponse,
  blob: Buffer | undefined,
  stalls: (() => void) | undefined,
): void {
  if (!blob) {
    response.writeHead(404);
    refuse(response, 'BLOB_UNKNOWN', 'blob unknown');
    return;
  }
  response.writeHead(200, { 'content-length': blob.length });
  if (!stalls || blob.length < 100_000) response.end(blob);
  else response.write(blob.subarray(0, blob.length / 2), () => stalls());
}

function refuse(response: ServerResponse, code: string, message: string): void {
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

async function archiveOf(name: string, content: Buffer): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
