import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asFailure, existingPath, shownPath } from '../paths.ts';
import { optionalString, reading, schema, text } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

const maxEntries = 1000;

export const listTool: FileTool = {
  definition: {
    name: 'list',
    title: 'List a folder',
    description:
      'Lists the entries of a folder of the workspace, one a line; folders end with a slash, files show their size in bytes.',
    inputSchema: schema(
      { path: { type: 'string', description: 'Path relative to the workspace. Default: the workspace.' } },
      [],
    ),
    annotations: reading,
  },
  async run(args, { root }) {
    const path = optionalString(args, 'path') ?? '.';
    const folder = await existingPath(root, path);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw asFailure(error, path);
    });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const lines = await Promise.all(
      entries.slice(0, maxEntries).map(async (entry) => {
        if (entry.isDirectory()) return `${entry.name}/`;
        if (entry.isSymbolicLink()) return `${entry.name} (link)`;
        const size = await stat(join(folder, entry.name)).then(
          (found) => found.size,
          () => undefined, // Removed since it was listed.
        );
        return size === undefined ? entry.name : `${entry.name} (${size})`;
      }),
    );
    if (entries.length === 0) lines.push(`(${shownPath(root, folder)} is empty)`);
    if (entries.length > maxEntries)
      lines.push(`[${entries.length - maxEntries} more entries are not shown.]`);
    return [text(lines.join('\n'))];
  },
};
