import type { Json, JsonObject } from '../../../base/json.ts';
import { readJsonc, withValueAt } from '../../settings-file/index.ts';

/** The text of `.mcp.json` with a server set, or taken out. Comments and the other servers stay as they are. */
export function withMcpServer(text: string, server: string, entry: JsonObject | undefined): string {
  const section = readJsonc(text)
    .keysAt([])
    .find((key) => key === 'mcpServers' || key === 'servers');
  const value: Json | undefined = entry;
  return withValueAt(text, [section ?? 'mcpServers', server], value);
}
