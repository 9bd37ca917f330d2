import { existingPath, shownPath } from '../paths.ts';
import { readReplacement, replaceExactly } from '../replacement.ts';
import { readText, writeText } from '../text-file.ts';
import { schema, stringArgument, text } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

export const editTool: FileTool = {
  definition: {
    name: 'edit',
    title: 'Edit a file',
    description:
      'Replaces an exact piece of text in a file. `oldText` must occur exactly once, with all its spaces and line ends, unless `replaceAll` is set; ' +
      'take in enough of the lines around it.',
    inputSchema: schema(
      {
        path: { type: 'string', description: 'Path relative to the workspace.' },
        oldText: { type: 'string', minLength: 1 },
        newText: { type: 'string' },
        replaceAll: { type: 'boolean' },
      },
      ['path', 'oldText', 'newText'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  },
  async run(args, { root }) {
    const path = stringArgument(args, 'path');
    const edit = readReplacement(args);
    const real = await existingPath(root, path);
    const before = await readText(real, path);
    const { after, where } = replaceExactly(before, edit);
    await writeText(real, path, after);
    return [text(`Replaced ${where} of ${shownPath(root, real)}.`)];
  },
};
