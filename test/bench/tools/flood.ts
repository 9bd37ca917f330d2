import { spawn } from 'node:child_process';
import { openMcpServer } from '../../../extension/src/node/mcp/index.ts';
import type { ProcessEnd, ServerProcess } from '../../../extension/src/node/mcp/index.ts';
import { atMost, median, type Row } from '../support/row.ts';
import { longestStall } from './timing.ts';
import { soon } from './world.ts';

const ROUNDS = 5;
/** 2 MB of lines that are no MCP message. */
const PROGRAM = `const line = 'x'.repeat(9) + '\\n'; process.stdout.write(line.repeat(2_000_000 / line.length)); setInterval(() => {}, 1000);`;

/** What the host feels of a server that writes junk in place of messages, and how soon that server is stopped. */
export async function floodRows(): Promise<Row[]> {
  const stalls: number[] = [];
  const stops: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    let first = 0;
    let ended = 0;
    const launch = (): Promise<ServerProcess> => {
      const process = flooding();
      process.output.once('data', () => (first = performance.now()));
      void process.ended.then(() => (ended = performance.now()));
      return Promise.resolve(process);
    };
    const server = openMcpServer({ name: 'flood', launch, effectOf: () => 'read', callLimitMs: 10_000 });
    const refused = async () => {
      const listed = await server.list(soon()).then(
        () => true,
        () => false,
      );
      if (listed) throw new Error('a flood was taken for a list of tools');
    };
    stalls.push(await longestStall(refused));
    await server.dispose();
    stops.push(ended - first);
  }
  return [
    atMost('longest stall of the event loop while 2 MB of junk lines come in', 'ms', 20, median(stalls)),
    atMost('from the first junk line to the end of the server', 'ms', 100, median(stops)),
  ];
}

function flooding(): ServerProcess {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code) => resolve({ kind: 'exited', code: code ?? undefined }));
  });
  return {
    input: child.stdin,
    output: child.stdout,
    errors: child.stderr,
    memoryLimitBytes: undefined,
    ended,
    outOfMemoryKills: () => 0,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
