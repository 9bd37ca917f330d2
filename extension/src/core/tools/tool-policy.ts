import type { ToolSettings } from './server-settings.ts';

/**
 * Reads `.strata/tools.jsonc`. Throws one `tools-config` error with file, line and column for the first mistake. The
 * parser and its schemas are loaded at the first call.
 */
export async function readToolPolicy(text: string, file: string): Promise<ToolSettings> {
  const { parseToolPolicy } = await import('./policy-file/index.ts');
  return parseToolPolicy(text, file);
}
