import { extname } from 'node:path';
import { existingPath } from '../paths.ts';
import { readBytes, readText } from '../text-file.ts';
import {
  optionalInteger,
  reading,
  schema,
  stringArgument,
  text,
  ToolFailure,
  type Content,
} from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

const maxLines = 2000;
const maxCharacters = 100_000;
const maxImageBytes = 5 * 1024 * 1024;
const images = new Map([
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.gif', 'image/gif'],
  ['.webp', 'image/webp'],
]);

export const readTool: FileTool = {
  definition: {
    name: 'read',
    title: 'Read a file',
    description:
      'Reads a text file of the workspace, or an image. Give startLine and endLine (counted from 1, both included) for a part of it. ' +
      'The first part of the answer is the exact text; a second part says so when there is more.',
    inputSchema: schema(
      {
        path: { type: 'string', description: 'Path relative to the workspace.' },
        startLine: { type: 'integer', minimum: 1 },
        endLine: { type: 'integer', minimum: 1 },
      },
      ['path'],
    ),
    annotations: reading,
  },
  async run(args, { root }) {
    const path = stringArgument(args, 'path');
    const lineRange = { from: 1, to: Number.MAX_SAFE_INTEGER };
    const start = optionalInteger(args, 'startLine', lineRange) ?? 1;
    const end = optionalInteger(args, 'endLine', lineRange);
    if (end !== undefined && end < start) throw new ToolFailure('`endLine` must not be before `startLine`.');
    const real = await existingPath(root, path);
    const mimeType = images.get(extname(real).toLowerCase());
    if (mimeType) return readImage(real, path, mimeType);
    return excerpt(await readText(real, path), { path, start, end });
  },
};

async function readImage(real: string, path: string, mimeType: string): Promise<Content> {
  const bytes = await readBytes(real, path);
  if (bytes.length > maxImageBytes)
    throw new ToolFailure(`"${path}" is an image of ${bytes.length} bytes; the limit is ${maxImageBytes}.`);
  return [{ type: 'image', mimeType, data: bytes.toString('base64') }];
}

interface Range {
  readonly path: string;
  readonly start: number;
  readonly end: number | undefined;
}

function excerpt(content: string, { path, start, end }: Range): Content {
  const lines = content.split('\n');
  const total = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  if (start > 1 && start > total)
    throw new ToolFailure(`"${path}" has ${total} lines; line ${start} does not exist.`);
  const last = Math.min(end ?? total, start + maxLines - 1, total);
  let part = lines.slice(start - 1, last).join('\n');
  if (part.length > maxCharacters) {
    part = part.slice(0, maxCharacters);
    return [
      text(part),
      text(
        `[Cut after ${maxCharacters} characters, in line ${start + part.split('\n').length - 1} of ${total}.]`,
      ),
    ];
  }
  if (last < lines.length && total > 0) part += '\n';
  if (last < total && last < (end ?? total))
    return [text(part), text(`[Lines ${start} to ${last} of ${total}. Read on with startLine ${last + 1}.]`)];
  return [text(part)];
}
