import { shownPath, writablePath } from '../paths.ts';
import { writeText } from '../text-file.ts';
import { schema, stringArgument, text } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

export const writeTool: FileTool = {
  definition: {
    name: 'write',
    title: 'Write a file',
    description: 'Creates a file, or replaces all of its text. Folders that are missing are created.',
    inputSchema: schema(
      { path: { type: 'string', description: 'Path relative to the workspace.' }, text: { type: 'string' } },
      ['path', 'text'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  },
  async run(args, { root }) {
    const path = stringArgument(args, 'path');
    const content = stringArgument(args, 'text');
    const real = await writablePath(root, path);
    await writeText(real, path, content);
    return [text(`Wrote ${Buffer.byteLength(content)} bytes to ${shownPath(root, real)}.`)];
  },
};
