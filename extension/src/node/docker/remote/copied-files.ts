import type { ToolCall, ToolResult, ToolServer } from '../../../core/tools/tool.ts';
import type { RemoteFolder } from './remote-folder.ts';

const pullLimitMs = 10 * 60_000;

/**
 * A server whose files are a copy on another machine: what changed here goes there before a call, and what it changed comes
 * back before its result does, also when it failed or was cancelled. `mayWrite` says which tools are worth looking after.
 */
export function withCopiedFiles(
  server: ToolServer,
  folder: RemoteFolder,
  mayWrite: (tool: string) => boolean,
): ToolServer {
  return {
    name: server.name,
    list: (signal) => server.list(signal),
    dispose: () => server.dispose(),
    call: async (tool: string, call: ToolCall): Promise<ToolResult> => {
      await folder.push(call.signal);
      if (!mayWrite(tool)) return server.call(tool, call);
      try {
        return await server.call(tool, call);
      } finally {
        // Not by the call's own signal: what a cancelled call has written is there all the same.
        await folder.pull(AbortSignal.timeout(pullLimitMs));
      }
    },
  };
}
