import { shownPath, writablePath } from '../paths.ts';
import { writeText } from '../text-file.ts';
import { schema, stringArgument, text } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

export const createTool: FileTool = {
  definition: {
    name: 'create',
    title: 'Create a file',
    description:
      'Creates a file that does not exist yet, with the folders that are missing. Fails when it exists: `write` replaces it.',
    inputSchema: schema(
      { path: { type: 'string', description: 'Path relative to the workspace.' }, text: { type: 'string' } },
      ['path', 'text'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  },
  async run(args, { root }) {
    const path = stringArgument(args, 'path');
    const content = stringArgument(args, 'text');
    const real = await writablePath(root, path);
    await writeText(real, path, content, { mustBeNew: true });
    return [text(`Created ${shownPath(root, real)} with ${Buffer.byteLength(content)} bytes.`)];
  },
};
