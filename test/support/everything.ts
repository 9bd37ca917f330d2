import path from 'node:path';
import type { ToolServer } from '../../extension/src/core/tools/index.ts';
import { openMcpServer } from '../../extension/src/node/mcp/index.ts';
import { plainServer } from './plain-server.ts';

const SCRIPT = path.join(import.meta.dirname, '..', 'conformance', 'everything-server.ts');

/** The server of the conformance tests, as a folder opens servers: with somebody who could be asked, and refuses. */
export function everythingServer(): ToolServer {
  return openMcpServer({
    name: 'everything',
    launch: plainServer(SCRIPT),
    effectOf: () => 'read',
    callLimitMs: 60_000,
    elicit: () => Promise.resolve({ action: 'decline' }),
    sample: () => Promise.resolve({ kind: 'refused', reason: 'nobody pays for it' }),
  });
}
