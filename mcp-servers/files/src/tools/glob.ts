import { existingPath, shownPath } from '../paths.ts';
import { search } from '../search-worker.ts';
import { optionalString, reading, schema, stringArgument, text } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

const maxFiles = 1000;

export const globTool: FileTool = {
  definition: {
    name: 'glob',
    title: 'Find files by name',
    description:
      'Lists the files whose path matches a glob such as `src/**/*.ts` or `*.json`; a pattern without a slash matches in every folder. ' +
      '`.git` and `node_modules` are left out unless `path` is in them.',
    inputSchema: schema(
      {
        pattern: { type: 'string', minLength: 1 },
        path: {
          type: 'string',
          description: 'Folder to look in, relative to the workspace. Default: the workspace.',
        },
      },
      ['pattern'],
    ),
    annotations: reading,
  },
  async run(args, { root, signal }) {
    const glob = stringArgument(args, 'pattern');
    const folder = await existingPath(root, optionalString(args, 'path') ?? '.');
    const request = {
      folder,
      shown: shownPath(root, folder),
      file: false,
      glob,
      pattern: undefined,
      limit: maxFiles,
    };
    const { lines, more } = await search(request, signal);
    if (lines.length === 0) return [text(`No file matches ${glob}.`)];
    return [
      text(
        [...lines, ...(more ? [`[More than ${maxFiles} files match; narrow the pattern.]`] : [])].join('\n'),
      ),
    ];
  },
};
