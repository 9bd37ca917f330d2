import { formatBytes } from '../../../protocol/format.ts';
import { BUILT_IN_SERVERS } from '../built-in-servers.ts';
import { DEFAULT_SANDBOX } from '../sandbox-defaults.ts';
import type { Sandbox, ServerDefinition } from '../server-definition.ts';

/**
 * What a server may have beyond the strictest sandbox, or beyond what it came with, one sentence each; empty for nothing.
 * These are what a person agrees to.
 */
export function looserThanDefault(definition: ServerDefinition): readonly string[] {
  const { origin, source, sandbox, trusted } = definition;
  const own = BUILT_IN_SERVERS.find(({ name }) => origin === 'built-in' && name === definition.name);
  const usual = own?.sandbox ?? DEFAULT_SANDBOX;
  if (source.kind === 'editor') return ['The editor runs it, outside of any sandbox.'];
  if (source.kind === 'http') {
    return [
      `It runs at ${source.url}, outside of any sandbox, and what agents send it leaves this machine.`,
      ...secrets(sandbox, usual),
      ...trust(trusted, own),
    ];
  }
  return [
    ...(own && source.kind !== 'built-in'
      ? ['It runs from another image than the one that comes with Strata.']
      : []),
    ...network(sandbox, usual),
    ...files(sandbox, usual),
    ...secrets(sandbox, usual),
    ...trust(trusted, own),
    ...sizes(sandbox, usual),
  ];
}

function network({ network: hosts }: Sandbox, usual: Sandbox): readonly string[] {
  const more = hosts.filter((host) => !usual.network.includes(host));
  return more.length === 0 ? [] : [`It may reach ${listed(more)} over the network.`];
}

function files({ files: may }: Sandbox, usual: Sandbox): readonly string[] {
  const order = ['none', 'read', 'write'];
  if (order.indexOf(may) <= order.indexOf(usual.files)) return [];
  return [
    may === 'read'
      ? 'It may read the files that a run works on.'
      : 'It may read and change the files that a run works on.',
  ];
}

function secrets({ secrets: names }: Sandbox, usual: Sandbox): readonly string[] {
  const more = names.filter((name) => !usual.secrets.includes(name));
  if (more.length === 0) return [];
  return [`It is given the ${more.length === 1 ? 'secret' : 'secrets'} ${listed(more)}.`];
}

function trust(trusted: boolean, own: ServerDefinition | undefined): readonly string[] {
  if (!trusted || own?.trusted) return [];
  return [
    'It is trusted: tools that say they only read are called without asking, and their answers are kept.',
  ];
}

function sizes(sandbox: Sandbox, usual: Sandbox): readonly string[] {
  const limits: readonly (readonly [keyof Sandbox, (value: number) => string])[] = [
    ['memoryBytes', (bytes) => `${binary(bytes)} of memory`],
    ['cpus', (cpus) => (cpus === 1 ? '1 CPU' : `${cpus} CPUs`)],
    ['processes', (count) => `${count} processes and threads`],
    ['openFiles', (count) => `${count} open files`],
    ['temporaryBytes', (bytes) => `${binary(bytes)} of temporary files`],
  ];
  return limits.flatMap(([name, inWords]) => {
    const [value, most] = [Number(sandbox[name]), Number(usual[name])];
    return value > most ? [`It may use ${inWords(value)}; usual are ${inWords(most)}.`] : [];
  });
}

/** Sizes of memory are powers of two, as people wrote them. */
function binary(bytes: number): string {
  const [gibibyte, mebibyte] = [1024 ** 3, 1024 ** 2];
  if (bytes % gibibyte === 0) return `${bytes / gibibyte} GiB`;
  return bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : formatBytes(bytes);
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
