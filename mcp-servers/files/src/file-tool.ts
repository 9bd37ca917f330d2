import { ToolFailure, type Arguments, type Content, type Tool } from '../../tool.ts';
import type { ToolCall, ToolDefinition } from '../../tool.ts';

export interface FileCall extends ToolCall {
  /** Real path of the only folder that the tools may touch. */
  readonly root: string;
}

export interface FileTool {
  readonly definition: ToolDefinition;
  run(args: Arguments, call: FileCall): Promise<Content>;
}

export function inFolder(root: string, tool: FileTool): Tool {
  return {
    definition: tool.definition,
    run: async (args, call) => {
      try {
        return await tool.run(args, { ...call, root });
      } catch (error) {
        if (error instanceof ToolFailure || !(error instanceof Error)) throw error;
        // The system's own words name the whole path, which is nobody's business.
        throw new ToolFailure(error.message.replaceAll(root, '.'));
      }
    },
  };
}
