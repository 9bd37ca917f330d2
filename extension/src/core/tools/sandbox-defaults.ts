import type { Sandbox } from './server-definition.ts';

const mebibyte = 1024 * 1024;

/** What a server gets that nobody has said more about. */
export const DEFAULT_SANDBOX: Sandbox = {
  network: [],
  files: 'none',
  secrets: [],
  environment: {},
  memoryBytes: 512 * mebibyte,
  cpus: 1,
  processes: 256, // Threads count too, and each node process has about eleven.
  openFiles: 1024,
  temporaryBytes: 64 * mebibyte,
  callMs: 60_000,
  idleMs: 5 * 60_000,
};
