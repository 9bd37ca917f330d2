import { DEFAULT_SANDBOX } from './sandbox-defaults.ts';
import type { Sandbox, ServerDefinition } from './server-definition.ts';

const mebibyte = 1024 * 1024;
const minute = 60_000;
/** Above the longest limit that a command may be given. */
const commandMs = 630_000;

/**
 * The servers that come with Strata, in the order in which their tools are offered. `processes` counts threads, and
 * builds and tests start many. The programs of agents, which some run, may want `localhost`.
 */
const servers: readonly (readonly [name: string, differs: Partial<Sandbox>, nameless?: true])[] = [
  ['files', { files: 'write' }, true],
  [
    'shell',
    {
      files: 'write',
      memoryBytes: 2048 * mebibyte,
      cpus: 2,
      processes: 512,
      openFiles: 4096,
      callMs: commandMs,
      idleMs: 10 * minute,
    },
  ],
  [
    'code',
    {
      files: 'write',
      memoryBytes: 2048 * mebibyte,
      cpus: 2,
      processes: 512,
      openFiles: 4096,
      callMs: commandMs,
      // Its state would be lost.
      idleMs: 30 * minute,
    },
  ],
  ['git', { files: 'write' }, true],
  ['web', { files: 'none' }],
];

export const BUILT_IN_SERVERS: readonly ServerDefinition[] = servers.map(([name, differs, nameless]) => ({
  name,
  origin: 'built-in',
  source: { kind: 'built-in' },
  sandbox: { ...DEFAULT_SANDBOX, ...differs },
  enabled: true,
  trusted: true,
  ...(nameless ? { nameless } : {}),
}));
