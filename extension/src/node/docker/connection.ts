import { readFileSync } from 'node:fs';
import { request as plainRequest, type ClientRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** How an engine is reached once everything is resolved: plain data, so that another process can be given it. */
export type Connection =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: Tls };

/** Texts of PEM files. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** False: whoever answers is taken for the engine. */
  readonly verify: boolean;
}

/** The paths of what `Tls` holds. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly verify: boolean;
}

export interface EngineAddress {
  /** In the form of DOCKER_HOST. */
  readonly address: string;
  readonly tls?: TlsFiles;
}

/** Throws what the system says of a file that cannot be read. */
export function readTls({ ca, cert, key, verify }: TlsFiles): Tls {
  return {
    verify,
    ...(ca ? { ca: readFileSync(ca, 'utf8') } : {}),
    ...(cert ? { cert: readFileSync(cert, 'utf8') } : {}),
    ...(key ? { key: readFileSync(key, 'utf8') } : {}),
  };
}

/** What Node's TLS takes. */
export function tlsOptions({ ca, cert, key, verify }: Tls) {
  return {
    rejectUnauthorized: verify,
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
  };
}

export interface RequestHead {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly signal: AbortSignal;
}

/** Begins a request on a connection of its own. */
export function openRequest(connection: Connection, head: RequestHead): ClientRequest {
  const common = { ...head, agent: false };
  if (connection.kind === 'socket') {
    // Without a name of its own Node would say `localhost`, and some engines refuse an empty one.
    const headers = { ...head.headers, host: 'docker' };
    return plainRequest({ ...common, headers, socketPath: connection.socketPath });
  }
  const { host, port, tls } = connection;
  // Under TLS the name in the header is the one that the certificate is held to.
  return tls
    ? tlsRequest({ ...common, host, port, ...tlsOptions(tls) })
    : plainRequest({ ...common, host, port });
}
