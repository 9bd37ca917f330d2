import { request } from 'node:http';
import { existsSync } from 'node:fs';

const limitMs = 3_000;

export const needsDocker = 'needs Docker: no engine answers';

/** True when a local Docker engine answers at `DOCKER_HOST` or the usual socket. */
export async function dockerAnswers(): Promise<boolean> {
  const address = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const where = address.startsWith('unix://')
    ? { socketPath: address.slice('unix://'.length) }
    : { host: new URL(address).hostname, port: new URL(address).port };
  if ('socketPath' in where && !existsSync(where.socketPath)) return false;
  return await new Promise((resolve) => {
    const ping = request({ ...where, path: '/_ping', timeout: limitMs }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ping.once('timeout', () => ping.destroy());
    ping.once('error', () => resolve(false));
    ping.end();
  });
}
