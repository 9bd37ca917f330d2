import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { content, failure, listing, xml, type Answer, type StoredObject } from './answers.ts';

export interface S3Server {
  readonly endpoint: string;
  /** The only one that is let in; its secret is not looked at. */
  readonly accessKey: string;
  /** Everything in the bucket `team`, by key. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** Requests so far, as `PUT key`. */
  readonly asked: readonly string[];
  /** How many more objects it takes before it breaks off; undefined for any number. */
  takes: number | undefined;
  /** Takes requests and gives no answer. */
  silent: boolean;
  /** Nobody listens any more, until `back`. */
  leave(): Promise<void>;
  back(): Promise<void>;
}

/**
 * The part of S3 that LanceDB uses, on a free port: objects with ranges, lists, uploads in parts, and `If-None-Match: *`,
 * on which the commits of LanceDB rest.
 */
export async function s3Server(t: Pick<TestContext, 'after'>): Promise<S3Server> {
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const asked: string[] = [];
  let server: Server | undefined;
  let port = 0;

  async function back(): Promise<void> {
    const made = createServer((request, response) => void serve(request, response));
    await new Promise<void>((resolve, reject) =>
      made.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
    );
    server = made;
    port = (made.address() as AddressInfo).port;
  }

  async function leave(): Promise<void> {
    const leaving = server;
    server = undefined;
    if (leaving === undefined) return;
    leaving.closeAllConnections();
    await new Promise((resolve) => leaving.close(resolve));
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The client has gone.
    }
    if (self.silent) return;
    const { status, headers, body } = answer(request, Buffer.concat(chunks));
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    response.writeHead(status, { ...headers, 'content-length': length });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  function answer(request: IncomingMessage, body: Buffer): Answer {
    const url = new URL(request.url ?? '/', 'http://s3');
    const [, bucket = '', path = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
    const key = decodeURIComponent(path);
    const [method, query] = [request.method ?? '', url.searchParams];
    asked.push(`${method} ${key}`);
    if (request.headers.authorization?.includes(`Credential=${self.accessKey}/`) !== true)
      return failure(403, 'AccessDenied', 'Access Denied');
    if (bucket !== BUCKET) return failure(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const isNew = request.headers['if-none-match'] === '*';
    const upload = query.get('uploadId') ?? undefined;
    if (method === 'GET')
      return key === '' ? listing(bucket, objects, query) : content(objects.get(key), request.headers.range);
    if (method === 'HEAD') return content(objects.get(key), undefined);
    if (method === 'PUT' && upload !== undefined)
      return putPart(upload, Number(query.get('partNumber')), body);
    if (method === 'PUT') return put(key, source(request) ?? body, isNew);
    if (method === 'POST' && query.has('uploads')) return begin(key);
    if (method === 'POST' && query.has('delete')) return removeAll(body.toString());
    if (method === 'POST' && upload !== undefined) return complete(key, upload, isNew);
    if (method === 'DELETE') {
      if (upload === undefined) objects.delete(key);
      else uploads.delete(upload);
      return { status: 204 };
    }
    return failure(501, 'NotImplemented', `${method} ${url.search}`);
  }

  function put(key: string, body: Buffer, isNew: boolean): Answer {
    if (self.takes === 0) return failure(503, 'ServiceUnavailable', 'Please try again.');
    if (self.takes !== undefined) self.takes--;
    if (isNew && objects.has(key)) return failure(412, 'PreconditionFailed', 'The object is there already.');
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    objects.set(key, { body, etag, modified: new Date() });
    return { status: 200, headers: { etag } };
  }

  function source(request: IncomingMessage): Buffer | undefined {
    const from = request.headers['x-amz-copy-source'];
    if (typeof from !== 'string') return undefined;
    return objects.get(decodeURIComponent(from).replace(/^\/?[^/]*\//, ''))?.body;
  }

  function begin(key: string): Answer {
    const id = randomUUID();
    uploads.set(id, new Map());
    return xml(
      200,
      `<InitiateMultipartUploadResult><Bucket>${BUCKET}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  function putPart(upload: string, number: number, body: Buffer): Answer {
    const parts = uploads.get(upload);
    if (parts === undefined) return failure(404, 'NoSuchUpload', 'There is no such upload.');
    parts.set(number, body);
    return { status: 200, headers: { etag: `"${String(number)}"` } };
  }

  function complete(key: string, upload: string, isNew: boolean): Answer {
    const parts = uploads.get(upload);
    if (parts === undefined) return failure(404, 'NoSuchUpload', 'There is no such upload.');
    const body = Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, part]) => part));
    const done = put(key, body, isNew);
    if (done.status !== 200) return done;
    uploads.delete(upload);
    return xml(
      200,
      `<CompleteMultipartUploadResult><Key>${key}</Key><ETag>&quot;${upload}&quot;</ETag></CompleteMultipartUploadResult>`,
    );
  }

  function removeAll(body: string): Answer {
    const keys = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) =>
      key.replaceAll('&amp;', '&'),
    );
    for (const key of keys) objects.delete(key);
    return xml(
      200,
      `<DeleteResult>${keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join('')}</DeleteResult>`,
    );
  }

  const self: S3Server = {
    get endpoint() {
      return `http://127.0.0.1:${String(port)}`;
    },
    accessKey: 'TEAMKEY',
    ...{ objects, asked, takes: undefined, silent: false, leave, back },
  };
  await back();
  t.after(leave);
  return self;
}

const BUCKET = 'team';
