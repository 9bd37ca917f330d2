import { lstat, rm, rmdir } from 'node:fs/promises';
import { asFailure, codeOf, entryPath, shownPath } from '../paths.ts';
import { flag, schema, stringArgument, text, ToolFailure } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

export const deleteTool: FileTool = {
  definition: {
    name: 'delete',
    title: 'Delete a file or folder',
    description:
      'Deletes a file, a link or an empty folder. With `recursive`, a folder and everything in it.',
    inputSchema: schema(
      {
        path: { type: 'string', description: 'Path relative to the workspace.' },
        recursive: { type: 'boolean' },
      },
      ['path'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  },
  async run(args, { root }) {
    const path = stringArgument(args, 'path');
    const recursive = flag(args, 'recursive');
    const entry = await entryPath(root, path);
    try {
      if (!recursive && (await lstat(entry)).isDirectory()) await rmdir(entry);
      else await rm(entry, { recursive });
    } catch (error) {
      if (codeOf(error) === 'ENOTEMPTY')
        throw new ToolFailure(
          `"${path}" is not empty; set \`recursive\` to delete it with everything in it.`,
        );
      throw asFailure(error, path);
    }
    return [text(`Deleted ${shownPath(root, entry)}.`)];
  },
};
