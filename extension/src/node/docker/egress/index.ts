import type { AsyncDisposable } from '../../../base/disposable.ts';
import { isStrataError, messageOf } from '../../../base/errors.ts';
import type { EgressConnection } from '../../../protocol/tool-use.ts';
import type { ProcessEnd } from '../../mcp/server-process.ts';
import { startContainer, type Container } from '../container.ts';
import type { Engine } from '../engine.ts';
import { egressFailed } from '../errors.ts';
import { allowedHosts } from './allowed-hosts.ts';
import { resolveName, type Resolve } from './dial.ts';
import { protocolVersion } from './frames.ts';
import { Multiplexer } from './multiplexer.ts';
import { createProxy } from './proxy.ts';
import type { ProxyEnvironment } from './upstream-proxy.ts';

export interface EgressOptions {
  /** Name of the server that gets the network. */
  readonly server: string;
  /** As in `Sandbox.network`. */
  readonly hosts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Image of the forwarder, from `sandbox/egress/`. */
  readonly image: string;
  /** Each connection when it has ended, or was refused. */
  readonly onConnection: (connection: EgressConnection) => void;
  /** Where the proxies of this machine are named; by default the process' own environment. */
  readonly env?: ProxyEnvironment;
  readonly resolve?: Resolve;
}

export interface Egress extends AsyncDisposable {
  /** The container whose network the server joins: a loopback with the forwarder on it. */
  readonly container: string;
  /** What makes programs use it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Never rejects. Without it the server reaches nothing any more. */
  readonly ended: Promise<ProcessEnd>;
}

const address = 'http://127.0.0.1:3128';
const maxConnections = 64;
const helloLimitMs = 20_000;
const mebibyte = 1024 * 1024;

/**
 * A way out for one server, to the hosts of a list and no further. The server's network is that of a container of ours, which
 * has none but its loopback; what listens there hands every connection over its standard streams to this process, where the
 * proxy is. So it works with every engine, near or far, and no rule of a firewall has to hold.
 */
export async function openEgress(
  engine: Engine,
  options: EgressOptions,
  signal: AbortSignal,
): Promise<Egress> {
  const hosts = allowedHosts(options.server, options.hosts);
  const sidecar = await startContainer(
    engine,
    {
      server: `${options.server}-egress`,
      image: options.image,
      arguments: [],
      readOnly: true,
      ownInit: true,
      sandbox: {
        files: 'none',
        memoryBytes: 128 * mebibyte,
        cpus: 1,
        processes: 32,
        openFiles: 4 * maxConnections,
        temporaryBytes: mebibyte,
      },
      labels: options.labels,
    },
    signal,
  );
  const life = new AbortController();
  const proxy = createProxy({
    server: options.server,
    hosts,
    resolve: options.resolve ?? resolveName,
    env: options.env ?? process.env,
    onConnection: options.onConnection,
    signal: life.signal,
  });
  const end = async () => {
    life.abort(new Error('the network was closed'));
    await sidecar.stop();
  };
  const ended = sidecar.ended.finally(() => life.abort(new Error('the network has gone')));
  try {
    await serve(sidecar, proxy, AbortSignal.any([signal, life.signal]));
  } catch (error) {
    await end();
    signal.throwIfAborted();
    throw isStrataError(error) ? error : egressFailed(options.server, messageOf(error));
  }
  return { container: sidecar.id, environment: environmentFor(hosts.loopback), ended, dispose: end };
}

/** Resolves when the forwarder listens. What it says against the rules, then or later, ends it. */
async function serve(
  sidecar: Container,
  proxy: ReturnType<typeof createProxy>,
  signal: AbortSignal,
): Promise<void> {
  const hello = Promise.withResolvers<number>();
  const multiplexer = new Multiplexer({
    send: (bytes) => sidecar.input.write(bytes),
    onOpen: proxy,
    onHello: (version) => hello.resolve(version),
    maxConnections,
  });
  sidecar.input.on('error', () => undefined); // Its end says the same.
  sidecar.errors.resume();
  sidecar.output.on('data', (chunk: Buffer) => {
    try {
      multiplexer.receive(chunk);
    } catch (error) {
      hello.reject(error);
      sidecar.output.destroy();
      void sidecar.stop();
    }
  });
  sidecar.output.once('close', () => {
    multiplexer.close(new Error('the network has gone'));
    hello.reject(new Error('the forwarder has ended'));
  });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(helloLimitMs)]);
  const onAbort = () => hello.reject(new Error('the forwarder does not answer'));
  limit.addEventListener('abort', onAbort, { once: true });
  try {
    const version = await hello.promise;
    if (version !== protocolVersion)
      throw new Error(`the forwarder speaks version ${version} in place of ${protocolVersion}`);
  } finally {
    limit.removeEventListener('abort', onAbort);
  }
}

/** The variables that most programs agree on, in both writings, and the one that makes Node's own `fetch` look at them. */
function environmentFor(loopback: boolean): Readonly<Record<string, string>> {
  // Where the list names the host's loopback it is reached through the proxy, and the container's own is not by these programs.
  const direct = loopback ? '' : 'localhost,127.0.0.1,::1';
  return {
    HTTP_PROXY: address,
    HTTPS_PROXY: address,
    http_proxy: address,
    https_proxy: address,
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: '1',
  };
}
