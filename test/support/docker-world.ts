import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { createTools, type ToolResult, type Tools } from '../../extension/src/core/tools/index.ts';
import type { ToolServer } from '../../extension/src/core/tools/tool.ts';
import { argumentMistakes } from '../../extension/src/node/mcp/index.ts';

/** A temporary folder with files in it. Its name has a space and letters beyond ASCII, as users' folders do. */
export function folderWith(files: Readonly<Record<string, string>>): {
  readonly path: string;
  remove(): void;
} {
  const parent = mkdtempSync(join(tmpdir(), 'strata-tools-'));
  const path = join(parent, 'my projekt ü 日本');
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return { path, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

/** The registry over some servers, with calls that read as one line in a test. */
export function toolsOver(
  servers: readonly ToolServer[],
): Tools & { say(tool: string, args: JsonObject): Promise<string> } {
  const tools = createTools({ servers, argumentMistakes });
  return {
    ...tools,
    say: async (tool, args) => {
      const signal = AbortSignal.timeout(120_000);
      return said(await tools.call(tool, { arguments: args, signal, onOutput: () => undefined }));
    },
  };
}

/** A result as one text; an error begins with `! `. */
export function said(result: ToolResult): string {
  const text = result.content
    .map((part) => (part.type === 'text' ? part.text : `<${part.mimeType}>`))
    .join('\n');
  return result.isError ? `! ${text}` : text;
}
