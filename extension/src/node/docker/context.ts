import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { EngineAddress, TlsFiles } from './connection.ts';

const configFile = z.object({ currentContext: z.string().optional() });
const contextFile = z.object({
  Endpoints: z.object({ docker: z.object({ Host: z.string(), SkipTLSVerify: z.boolean().optional() }) }),
});

/** Which context the Docker CLI was told to use. `config` is the folder of its configuration. */
export function currentContext(config: string): string | undefined {
  return readJson(join(config, 'config.json'), configFile)?.currentContext;
}

/** Where a context leads to; undefined when there is none by that name. Docker keeps it under the SHA-256 of the name. */
export function readContext(config: string, name: string): EngineAddress | undefined {
  const id = createHash('sha256').update(name).digest('hex');
  const endpoint = readJson(join(config, 'contexts/meta', id, 'meta.json'), contextFile)?.Endpoints.docker;
  if (!endpoint) return undefined;
  const tls = tlsFiles(join(config, 'contexts/tls', id, 'docker'), endpoint.SkipTLSVerify !== true);
  return { address: endpoint.Host, ...(tls ? { tls } : {}) };
}

/** A context speaks TLS when it has a certificate of either side, or says that it does not look at the engine's. */
function tlsFiles(folder: string, verify: boolean): TlsFiles | undefined {
  const file = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? path : undefined;
  };
  const [ca, cert, key] = [file('ca.pem'), file('cert.pem'), file('key.pem')];
  if (!ca && !cert && !key && verify) return undefined;
  return { verify, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined; // No Docker CLI was ever set up here, or its file is damaged: the known sockets remain.
  }
}
