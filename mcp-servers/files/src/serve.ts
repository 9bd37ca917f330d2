import { serveTools, workspaceRoot } from '../../serve.ts';
import { toolsFor } from './tools/index.ts';

/** Speaks MCP over the standard streams until the input ends. */
export function serve(): void {
  const readOnly = process.argv.includes('--read-only');
  serveTools({ name: 'files', tools: toolsFor(workspaceRoot(), { readOnly }) });
}
