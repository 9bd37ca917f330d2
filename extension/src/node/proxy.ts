import type { Environment } from '../core/models/index.ts';

/** What runs on this machine is not reached by way of another one. */
const OWN = ['localhost', '127.0.0.1', '[::1]', '::1'];

/**
 * Sends the requests of this process through the proxy that HTTP_PROXY and HTTPS_PROXY name, except to the hosts of NO_PROXY and
 * to this machine. For the terminal: an editor has proxy settings of its own, and sees to it that they are used. Does nothing
 * under a Node before 24.14, which cannot. To be called before the first request.
 */
export async function useProxyOf(env: Environment): Promise<void> {
  const proxy = proxyOf(env);
  if (proxy === undefined) return;
  const { default: http } = await import('node:http');
  if ('setGlobalProxyFromEnv' in http) http.setGlobalProxyFromEnv({ ...proxy });
}

/** What a process of ours is started with, so that all of its requests go through the proxy. */
export function proxyEnvironment(env: Environment): Readonly<Record<string, string>> {
  const proxy = proxyOf(env);
  // Read by Node itself, from 22.21 and 24.0 on.
  return proxy === undefined ? {} : { ...proxy, NODE_USE_ENV_PROXY: '1' };
}

/** undefined where none is named. */
function proxyOf(env: Environment): Readonly<Record<string, string>> | undefined {
  const of = (name: string): string | undefined => env[name.toLowerCase()] ?? env[name];
  const [plain, secure] = [of('HTTP_PROXY'), of('HTTPS_PROXY')];
  if (!plain && !secure) return undefined;
  const exempt = [...(of('NO_PROXY') ?? '').split(/[,\s]+/), ...OWN].filter((host) => host !== '');
  return {
    ...(plain ? { HTTP_PROXY: plain } : {}),
    ...(secure ? { HTTPS_PROXY: secure } : {}),
    NO_PROXY: exempt.join(','),
  };
}
