import type { JsonObject } from '../../base/json.ts';
import type { ToolResult } from '../../core/tools/index.ts';
import { plainText } from '../../core/orchestration/walk/plain-text.ts';
import { formatDuration } from '../../protocol/format.ts';

export interface ShownCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly run: string;
  readonly result: ToolResult;
  readonly ms: number;
}

export interface ResultFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** A call as a Markdown document, `<tool>.md`, and its images as files beside it. */
export function resultFiles(call: ShownCall): readonly ResultFile[] {
  const { tool, result, ms, run } = call;
  const images: ResultFile[] = [];
  const parts = result.content.map((part) => {
    if (part.type === 'text') return textBlock(part.text);
    const name = `image-${images.length + 1}.${endingOf(part.mimeType)}`;
    images.push({ name, content: Buffer.from(part.data, 'base64') });
    return `![${name}](${name})`;
  });
  const structured = result.structured;
  const outcome = result.isError ? 'It failed' : 'It answered';
  const text = [
    `# ${tool}`,
    `${outcome} after ${formatDuration(ms)}, run \`${run}\`.`,
    ...(Object.keys(call.arguments).length > 0
      ? ['## Arguments', fenced(JSON.stringify(call.arguments, undefined, 2), 'json')]
      : []),
    '## Result',
    ...(parts.length > 0 || structured ? parts : ['Nothing.']),
    // A server gives what it has as data as text too, for clients that know only that.
    ...(structured && !saysTheSame(result, structured)
      ? ['## As data', fenced(JSON.stringify(structured, undefined, 2), 'json')]
      : []),
  ].join('\n\n');
  return [{ name: `${tool}.md`, content: new TextEncoder().encode(`${text}\n`) }, ...images];
}

function textBlock(text: string): string {
  const plain = plainText(text);
  const json = jsonIn(plain);
  return json === undefined ? fenced(plain, 'text') : fenced(JSON.stringify(json, undefined, 2), 'json');
}

/** With a fence that the text cannot close. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

function jsonIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // It only begins like JSON.
    return undefined;
  }
}

function saysTheSame({ content }: ToolResult, structured: JsonObject): boolean {
  const [only] = content;
  if (content.length !== 1 || only?.type !== 'text') return false;
  return JSON.stringify(jsonIn(only.text)) === JSON.stringify(structured);
}

function endingOf(mimeType: string): string {
  const ending = /^image\/([a-z0-9]+)/i.exec(mimeType)?.[1]?.toLowerCase() ?? 'bin';
  return ending === 'jpeg' ? 'jpg' : ending;
}
