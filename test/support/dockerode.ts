import { Agent } from 'node:https';
import Docker from 'dockerode';
import { tlsOptions } from '../../extension/src/node/docker/connection.ts';
import type { Engine } from '../../extension/src/node/docker/index.ts';

/** The official-looking way to an engine, beside which the product's own is held. */
export function dockerOf({ connection }: Pick<Engine, 'connection'>): Docker {
  const rest = { timeout: 0, pathPrefix: '/', version: '', headers: {} };
  if (connection.kind === 'socket')
    return new Docker({ ...rest, protocol: 'http', socketPath: connection.socketPath, host: '' });
  const { host, port, tls } = connection;
  if (!tls) return new Docker({ ...rest, protocol: 'http', host, port });
  const agent = new Agent({ ...tlsOptions(tls), keepAlive: false });
  const options = { ...rest, protocol: 'https' as const, host, port, agent }; // The typings do not know the agent.
  return new Docker(options);
}
