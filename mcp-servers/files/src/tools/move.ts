import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFailure, entryPath, isInside, shownPath, writablePath } from '../paths.ts';
import { flag, schema, stringArgument, text, ToolFailure } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

export const moveTool: FileTool = {
  definition: {
    name: 'move',
    title: 'Move or rename',
    description:
      'Moves or renames a file or folder. `to` is the new path itself and must not exist unless `overwrite` is set.',
    inputSchema: schema(
      {
        from: { type: 'string', description: 'Path relative to the workspace.' },
        to: { type: 'string', description: 'Path relative to the workspace.' },
        overwrite: { type: 'boolean', description: 'Replace a file that is there.' },
      },
      ['from', 'to'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  },
  async run(args, { root }) {
    const from = stringArgument(args, 'from');
    const to = stringArgument(args, 'to');
    const source = await entryPath(root, from);
    const target = await writablePath(root, to);
    if (isInside(source, target)) throw new ToolFailure(`"${from}" cannot be moved into itself.`);
    const there = await lstat(target).catch(() => undefined);
    if (there && !flag(args, 'overwrite'))
      throw new ToolFailure(`"${to}" exists already; set \`overwrite\` to replace it.`);
    if (there?.isDirectory()) throw new ToolFailure(`"${to}" is a folder; give the full new path.`);
    try {
      await mkdir(dirname(target), { recursive: true });
      await rename(source, target);
    } catch (error) {
      throw asFailure(error, from);
    }
    return [text(`Moved ${shownPath(root, source)} to ${shownPath(root, target)}.`)];
  },
};
