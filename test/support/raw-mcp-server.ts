import { spawn } from 'node:child_process';
import type { ProcessEnd, ServerLauncher } from '../../extension/src/node/mcp/server-process.ts';

/**
 * A server of the older revisions in a few lines, which a test changes by its own: `on` maps methods to what is done,
 * `send` writes a message, `say` answers a call with a text.
 */
const preamble = `
import { createInterface } from 'node:readline';
const write = (text) => process.stdout.write(text);
const send = (message) => write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const tool = (name, more = {}) => ({ name, inputSchema: { type: 'object' }, ...more });
const say = (id, text) => send({ id, result: { content: [{ type: 'text', text }] } });
let capabilities = { tools: { listChanged: true } };
let tools = [tool('do')];
const on = {
  initialize: ({ id, params }) =>
    send({ id, result: { protocolVersion: params.protocolVersion, capabilities, serverInfo: { name: 'raw', version: '1' } } }),
  'tools/list': ({ id }) => send({ id, result: { tools } }),
  'tools/call': ({ id, params }) => say(id, 'done ' + JSON.stringify(params.arguments)),
};
`;

const loop = `
createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (on[message.method]) on[message.method](message);
  else if (message.method && message.id !== undefined)
    send({ id: message.id, error: { code: -32601, message: 'Method not found' } });
  else if (on.other) on.other(message);
}).on('close', () => process.exit());
`;

export interface RawServer {
  readonly launch: ServerLauncher;
  /** How often it was started, and how many of these are left. */
  readonly starts: () => number;
  readonly running: () => number;
}

/** Starts the server as a plain child process. \`image\` makes it look like one that runs from that image. */
export function rawServer(body: string, options: { readonly image?: string } = {}): RawServer {
  let starts = 0;
  let running = 0;
  const launch: ServerLauncher = async () => {
    starts += 1;
    const child = spawn(process.execPath, ['--input-type=module', '-e', preamble + body + loop], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running += 1;
    let stopped = false;
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once('close', (code, signal) => {
        running -= 1;
        if (stopped) resolve({ kind: 'stopped' });
        else resolve({ kind: 'exited', code: code ?? undefined, ...(signal ? { signal } : {}) });
      });
    });
    return Promise.resolve({
      input: child.stdin,
      output: child.stdout,
      errors: child.stderr,
      ended,
      memoryLimitBytes: undefined,
      outOfMemoryKills: () => 0,
      ...(options.image === undefined ? {} : { image: options.image }),
      stop: async () => {
        stopped = true;
        child.kill('SIGKILL');
        await ended;
      },
    });
  };
  return { launch, starts: () => starts, running: () => running };
}
