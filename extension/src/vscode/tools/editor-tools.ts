import * as vscode from 'vscode';
import type { Tool, ToolServer } from '../../core/tools/index.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ImagePart, TextPart } from '../../protocol/message.ts';

const SERVER = 'editor';
/** Providers take no longer names. */
const LONGEST = 64;

/**
 * The tools of the editor's own MCP servers, for Strata's agents. The editor runs these servers without a sandbox of ours, so
 * each call is asked about. Strata's own are left out: through the editor they would come back to where they are called from.
 */
export function editorTools(): ToolServer {
  const offered = () => vscode.lm.tools.filter(({ name }) => isForeign(name));
  return {
    name: SERVER,
    list: () =>
      Promise.resolve(
        offered().map(({ name, description, inputSchema, tags }): Tool => ({
          name: nameOf(name),
          server: SERVER,
          effect: 'change',
          description,
          inputSchema: (inputSchema ?? { type: 'object' }) as JsonObject,
          tags,
        })),
      ),
    call: async (tool, { arguments: input, signal }) => {
      const found = offered().find(({ name }) => nameOf(name) === tool);
      if (!found) return failure(`The editor has no tool ${tool} any more.`);
      const source = new vscode.CancellationTokenSource();
      const cancel = (): void => source.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      try {
        signal.throwIfAborted();
        const { content } = await vscode.lm.invokeTool(
          found.name,
          { input, toolInvocationToken: undefined },
          source.token,
        );
        return { content: content.flatMap(partOf), isError: false };
      } catch (error) {
        signal.throwIfAborted();
        // What another extension's tool throws says what was wrong with the call.
        return failure(error instanceof Error ? error.message : String(error));
      } finally {
        signal.removeEventListener('abort', cancel);
        source.dispose();
      }
    },
    dispose: () => Promise.resolve(),
  };
}

/** The editor calls the tools of MCP servers `mcp_<name of the server>_<tool>`, and the names in our gateway begin with strata. */
function isForeign(name: string): boolean {
  return name.startsWith('mcp_') && !/^mcp_strata[-_]/i.test(name);
}

function nameOf(name: string): string {
  return `${SERVER}_${name.slice('mcp_'.length).replace(/[^A-Za-z0-9_-]+/g, '_')}`.slice(0, LONGEST);
}

function partOf(part: unknown): readonly (TextPart | ImagePart)[] {
  if (part instanceof vscode.LanguageModelTextPart) return [{ type: 'text', text: part.value }];
  if (part instanceof vscode.LanguageModelDataPart) {
    if (part.mimeType.startsWith('image/'))
      return [{ type: 'image', mimeType: part.mimeType, data: Buffer.from(part.data).toString('base64') }];
    return [{ type: 'text', text: new TextDecoder().decode(part.data) }];
  }
  // Made for the prompts of one library: its value is a tree of elements.
  return part instanceof vscode.LanguageModelPromptTsxPart
    ? [{ type: 'text', text: JSON.stringify(part.value) }]
    : [];
}

function failure(text: string) {
  return { content: [{ type: 'text', text }], isError: true } as const;
}
