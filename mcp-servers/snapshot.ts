/**
 * A start-up snapshot is the heap of a process that has loaded a server, which Node reads instead of loading it. While one is
 * made, no module may be loaded that holds on to a stream, a process or a thread: such a module is taken with
 * `process.getBuiltinModule` where it is needed. `node:v8`, which has an interface for all this, is one of them: with it in
 * the snapshot, a thread that loads `node:net` ends the process.
 */
export function isMakingSnapshot(): boolean {
  return process.execArgv.some((argument) => argument.startsWith('--build-snapshot'));
}

const key = 'strataServer';

/** Keeps what the process that is started from the snapshot shall do. */
export function keepForStart(begin: () => void): void {
  Object.defineProperty(globalThis, key, { value: begin, configurable: true });
}

/** The script that starts the server in a process whose heap is from a snapshot of `file`. */
export function startScript(file: string): string {
  return [
    `const begin = globalThis.${key};`,
    `delete globalThis.${key};`,
    `process.argv[1] = ${JSON.stringify(file)};`,
    'begin();',
    '',
  ].join('\n');
}
