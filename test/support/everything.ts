import path from 'node:path';
import type { ToolServer } from '../../extension/src/core/tools/index.ts';
import { openMcpServer } from '../../extension/src/node/mcp/index.ts';
import type { EraMemory } from '../../extension/src/node/mcp/index.ts';
import { CAPABILITIES } from '../conformance/everything/capabilities.ts';
import { plainServer } from './plain-server.ts';

const SCRIPT = path.join(import.meta.dirname, '..', 'conformance', 'everything-server.ts');

/** What it is is known, so that it is not taken for an older one where the machine is too busy to answer in time. */
const eras: EraMemory = {
  recall: () => ({
    kind: 'modern',
    discover: {
      supportedVersions: ['2026-07-28'],
      capabilities: CAPABILITIES,
      ttlMs: 0,
      cacheScope: 'private',
    },
  }),
  keep: () => undefined,
  forget: () => undefined,
};

/** The server of the conformance tests, as a folder opens servers: with somebody who could be asked, and refuses. */
export function everythingServer(): ToolServer {
  return openMcpServer({
    name: 'everything',
    launch: plainServer(SCRIPT, { image: 'sha256:everything' }),
    eras,
    effectOf: () => 'read',
    callLimitMs: 60_000,
    elicit: () => Promise.resolve({ action: 'decline' }),
    sample: () => Promise.resolve({ kind: 'refused', reason: 'nobody pays for it' }),
  });
}
