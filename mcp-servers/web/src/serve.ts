import { serveTools } from '../../serve.ts';
import { fetchTool } from './fetch-tool.ts';

/** Speaks MCP over the standard streams until the input ends. */
export function serve(): void {
  serveTools({ name: 'web', tools: [fetchTool(process.env)] });
}
