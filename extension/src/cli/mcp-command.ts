import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from '../version.ts';

/** Serves the folder's tools to the program that started this one. Standard output belongs to the protocol. */
export const mcp: Perform = (given, terminal) =>
  inFolder(given, besideProtocol(terminal), async (folder) => {
    const { serveStdioGateway } = await import('../node/gateway/index.ts');
    const stop = new AbortController();
    const interrupts = onInterrupt(() => stop.abort());
    try {
      await serveStdioGateway({
        openSession: (client) => Promise.resolve(folder.gatewaySession(client)),
        server: given.server.only,
        version: VERSION,
        input: process.stdin,
        output: process.stdout,
        signal: stop.signal,
      });
    } finally {
      interrupts.dispose();
      // It would keep the process alive.
      process.stdin.destroy();
    }
    return EXIT.done;
  });

/** Nobody can be asked here, and what is said goes to standard error. */
function besideProtocol(terminal: Terminal): Terminal {
  return { ...terminal, interactive: false, print: terminal.complain, printJson: () => undefined };
}
