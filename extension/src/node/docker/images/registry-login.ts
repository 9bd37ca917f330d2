import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const helperLimitMs = 15_000;

const configSchema = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
const credentialSchema = z.object({ Username: z.string(), Secret: z.string() });

const dockerHub = 'https://index.docker.io/v1/';

/**
 * What the user's `docker login` left for the registry of an image, as the engine wants it in `X-Registry-Auth`; undefined
 * when there is nothing, or it cannot be read: the registry then says itself whether it needs a login.
 */
export async function registryLogin(image: string, signal: AbortSignal): Promise<string | undefined> {
  const registry = registryOf(image);
  const config = await readConfig();
  const helper = config?.credHelpers?.[registry] ?? config?.credsStore;
  const login = helper ? await askHelper(helper, registry, signal) : undefined;
  const found = login ?? plainLogin(config?.auths?.[registry]?.auth);
  if (!found) return undefined;
  const content = JSON.stringify({ ...found, serveraddress: registry });
  return Buffer.from(content).toString('base64url');
}

/** The first part is a registry when it looks like a host (Docker's reference grammar). */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : dockerHub;
}

type Login =
  { readonly username: string; readonly password: string } | { readonly identitytoken: string } | undefined;

function plainLogin(auth: string | undefined): Login {
  if (!auth) return undefined;
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? undefined : { username: text.slice(0, at), password: text.slice(at + 1) };
}

async function readConfig(): Promise<z.infer<typeof configSchema> | undefined> {
  const folder = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  try {
    return configSchema.safeParse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).data;
  } catch {
    return undefined; // Nobody ever logged in here, or the file is damaged.
  }
}

/** The protocol of Docker's credential helpers: the address on standard input, the login as JSON on standard output. */
async function askHelper(helper: string, registry: string, signal: AbortSignal): Promise<Login> {
  if (!/^[\w.-]+$/.test(helper)) return undefined;
  const output = await new Promise<string>((resolve) => {
    const child = execFile(
      `docker-credential-${helper}`,
      ['get'],
      { signal, timeout: helperLimitMs, windowsHide: true },
      (error, stdout) => resolve(error ? '' : stdout),
    );
    child.stdin?.on('error', () => undefined); // It did not start; the callback says so.
    child.stdin?.end(registry);
  });
  signal.throwIfAborted();
  try {
    const { Username: username, Secret: secret } = credentialSchema.parse(JSON.parse(output));
    return username === '<token>' ? { identitytoken: secret } : { username, password: secret };
  } catch {
    return undefined; // The helper knows nothing of this registry.
  }
}
