import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface ModelHost {
  readonly origin: string;
  /** Paths, in the order in which they were asked for. */
  readonly asked: string[];
  /** What is there, by path: content, or the file on the disk that holds it. */
  readonly files: Map<string, Buffer | string>;
  /** Answers in place of the file. */
  fault:
    | ((
        path: string,
        time: number,
      ) => { readonly status: number; readonly body?: Buffer } | 'cut' | undefined)
    | undefined;
}

/** Serves a model and the archives of packages, by the paths of the model hub and of an npm registry. */
export async function modelHost(t: TestContext): Promise<ModelHost> {
  const asked: string[] = [];
  const files = new Map<string, Buffer | string>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const fault = host.fault?.(path, asked.filter((one) => one === path).length);
    const content = files.get(path);
    if (fault !== undefined && fault !== 'cut') response.writeHead(fault.status).end(fault.body);
    else if (content === undefined) response.writeHead(404).end();
    else if (typeof content === 'string') createReadStream(content).pipe(response);
    else if (fault === 'cut') {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, content.length >> 1), () => request.socket.destroy());
    } else {
      response.writeHead(200, { 'content-length': content.length, 'x-repo-commit': 'c'.repeat(40) });
      response.end(content);
    }
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve()),
  );
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const host: ModelHost = { origin, asked, files, fault: undefined };
  return host;
}
