import type { JsonObject } from '../../../base/json.ts';
import type { NewServer, Sandbox } from '../server-definition.ts';

/** What is written down of a server that a person adds. Read back, it is the same server. */
export interface NewEntries {
  /** For `.mcp.json`, where other programs read it too: the command that starts the server without Strata. */
  readonly mcp: JsonObject;
  /** For `.strata/tools.jsonc`; empty for nothing. */
  readonly settings: JsonObject;
}

export function entriesFor({ name, source, sandbox }: NewServer): NewEntries {
  const { environment = {}, secrets = [], ...rest } = sandbox;
  if (source.kind === 'http') {
    const { url, headers } = source;
    const inHeaders = JSON.stringify(headers);
    const own = Object.fromEntries(
      Object.entries(headers).map(([header, value]) => [header, value.replaceAll('${secret:', '${')]),
    );
    const more = secrets.filter((secret) => !inHeaders.includes(`\${secret:${secret}}`));
    return {
      mcp: { type: 'http', url, ...(Object.keys(own).length === 0 ? {} : { headers: own }) },
      settings: settingsFor({ ...rest, ...(more.length === 0 ? {} : { secrets: more }) }),
    };
  }
  const env = { ...environment, ...Object.fromEntries(secrets.map((secret) => [secret, `\${${secret}}`])) };
  const { command, args } = commandFor(name, source);
  return {
    mcp: { command, args, ...(Object.keys(env).length === 0 ? {} : { env }) },
    settings: {
      ...(source.kind === 'dockerfile' ? { dockerfile: source.path } : {}),
      ...settingsFor(rest),
    },
  };
}

function commandFor(
  name: string,
  source: Exclude<NewServer['source'], { readonly kind: 'http' }>,
): { readonly command: string; readonly args: readonly string[] } {
  switch (source.kind) {
    case 'npm': {
      const which = source.binary === undefined ? [source.package] : ['-p', source.package, source.binary];
      return { command: 'npx', args: ['-y', ...which, ...source.arguments] };
    }
    case 'image': {
      const [program, ...words] = source.entrypoint ?? [];
      const entrypoint = program === undefined ? [] : ['--entrypoint', program];
      return {
        command: 'docker',
        args: ['run', '-i', '--rm', ...entrypoint, source.image, ...words, ...source.arguments],
      };
    }
    case 'dockerfile':
      return { command: 'docker', args: ['run', '-i', '--rm', name.toLowerCase(), ...source.arguments] };
    case 'command':
      return { command: source.command, args: source.arguments };
  }
}

/** Keys and units as people write them. */
function settingsFor(sandbox: Partial<Sandbox>): JsonObject {
  const { memoryBytes, temporaryBytes, callMs, idleMs, network, files, secrets, ...rest } = sandbox;
  return {
    ...(network === undefined || network.length === 0 ? {} : { network }),
    ...(files === undefined ? {} : { files }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(memoryBytes === undefined ? {} : { memory: sizeText(memoryBytes) }),
    ...rest,
    ...(temporaryBytes === undefined ? {} : { temporary: sizeText(temporaryBytes) }),
    ...(callMs === undefined ? {} : { callSeconds: callMs / 1000 }),
    ...(idleMs === undefined ? {} : { idleMinutes: idleMs / 60_000 }),
  };
}

function sizeText(bytes: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['g', 1024 ** 3],
    ['m', 1024 ** 2],
  ];
  const [unit, size] = units.find(([, one]) => bytes % one === 0) ?? ['k', 1024];
  return `${Math.ceil(bytes / size)}${unit}`;
}
