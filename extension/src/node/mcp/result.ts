import type { CallToolResult } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../base/json.ts';
import type { ToolResult } from '../../core/tools/tool.ts';
import type { ImagePart, TextPart } from '../../protocol/message.ts';
import { structuredOf } from './structured.ts';
import type { SchemaChecks } from './validate.ts';

/** More than this fills a model's context with one answer, and makes the log heavy. */
export const maxResultCharacters = 120_000;
const maxImages = 8;
const maxImageCharacters = 8 * 1024 * 1024;

/** What a tool answered, in the form that the model gets. Nothing that cannot be shown is dropped without a word. */
export function toToolResult(result: CallToolResult): ToolResult {
  const parts = result.content.map(toPart);
  if (parts.length === 0 && result.structuredContent !== undefined)
    parts.push(text(JSON.stringify(result.structuredContent)));
  return { content: capped(parts), isError: result.isError === true };
}

/** A result with its data and as it came, and what is to be noted about it. */
export function toolResultOf(
  result: CallToolResult,
  options: {
    readonly outputSchema: JsonObject | undefined;
    readonly checks: SchemaChecks;
    /** Something was killed for want of memory while the call lasted. */
    readonly memoryKilled: boolean;
  },
): { readonly told: ToolResult; readonly notes: readonly string[] } {
  const { structured, note } = structuredOf(result, options.outputSchema, options.checks);
  const { content, isError } = toToolResult(result);
  const killed = options.memoryKilled ? [text('[A process was killed because it ran out of memory.]')] : [];
  const told = {
    content: [...content, ...killed],
    isError,
    ...(structured ? { structured } : {}),
    raw: { ...result } as JsonObject, // It came as JSON.
  };
  return { told, notes: note === undefined ? [] : [note] };
}

export function failed(message: string): ToolResult {
  return { content: [text(message)], isError: true };
}

function toPart(part: CallToolResult['content'][number]): TextPart | ImagePart {
  switch (part.type) {
    case 'text':
      return text(part.text);
    case 'image':
      if (part.data.length > maxImageCharacters)
        return text(`[An image (${part.mimeType}) was left out: it is too large.]`);
      return { type: 'image', mimeType: part.mimeType, data: part.data };
    case 'audio':
      return text(`[Audio (${part.mimeType}) was left out.]`);
    case 'resource':
      if ('text' in part.resource) return text(part.resource.text);
      return text(`[The binary resource ${part.resource.uri} was left out.]`);
    case 'resource_link':
      return text(`${part.name}: ${part.uri}`);
  }
}

function capped(parts: readonly (TextPart | ImagePart)[]): readonly (TextPart | ImagePart)[] {
  let room = maxResultCharacters;
  let images = 0;
  let dropped = 0;
  const kept: (TextPart | ImagePart)[] = [];
  for (const part of parts) {
    if (part.type === 'image') {
      images += 1;
      if (images <= maxImages) kept.push(part);
      continue;
    }
    const shown = part.text.slice(0, room);
    room -= shown.length;
    dropped += part.text.length - shown.length;
    if (shown !== '' || part.text === '') kept.push(text(shown));
  }
  if (dropped > 0) kept.push(text(`[${dropped} more characters were left out. Ask for a smaller part.]`));
  if (images > maxImages) kept.push(text(`[${images - maxImages} more images were left out.]`));
  return kept;
}

function text(value: string): TextPart {
  return { type: 'text', text: value };
}
