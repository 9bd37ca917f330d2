import { stat } from 'node:fs/promises';
import { asFailure, existingPath, shownPath } from '../paths.ts';
import { searchWithRipgrep } from '../ripgrep.ts';
import { search } from '../search-worker.ts';
import {
  flag,
  optionalInteger,
  optionalString,
  reading,
  schema,
  stringArgument,
  text,
  ToolFailure,
} from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

export const searchTool: FileTool = {
  definition: {
    name: 'search',
    title: 'Search in files',
    description:
      'Finds the lines that match a JavaScript regular expression, as `path:line: text`. Binary files, files over 4 MB, ' +
      '`.git` and `node_modules` are left out.',
    inputSchema: schema(
      {
        pattern: {
          type: 'string',
          minLength: 1,
          description: 'Regular expression, matched against each line.',
        },
        path: {
          type: 'string',
          description: 'File or folder to search, relative to the workspace. Default: the workspace.',
        },
        glob: {
          type: 'string',
          minLength: 1,
          description: 'Only files whose path matches, for example `*.ts`.',
        },
        literal: { type: 'boolean', description: 'Take the pattern as plain text.' },
        ignoreCase: { type: 'boolean' },
        maxResults: { type: 'integer', minimum: 1, maximum: 1000, description: 'Default: 200.' },
      },
      ['pattern'],
    ),
    annotations: reading,
  },
  async run(args, { root, signal }) {
    const wanted = stringArgument(args, 'pattern');
    const limit = optionalInteger(args, 'maxResults', { from: 1, to: 1000 }) ?? 200;
    const path = optionalString(args, 'path') ?? '.';
    const literal = flag(args, 'literal');
    const ignoreCase = flag(args, 'ignoreCase');
    const source = literal
      ? wanted.replace(
          /[\\^$.*+?()[\]{}|/-]/g,
          (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
        )
      : wanted;
    const compiled = compilable({ source, flags: ignoreCase ? 'iu' : 'u' }, wanted);
    const pattern = { written: wanted, literal, ignoreCase, ...compiled };
    const folder = await existingPath(root, path);
    const file = await stat(folder).then(
      (found) => found.isFile(),
      (error: unknown) => {
        throw asFailure(error, path);
      },
    );
    const glob = optionalString(args, 'glob');
    const request = {
      folder,
      shown: shownPath(root, folder),
      file,
      glob,
      pattern,
      limit,
    };
    const { lines, files, more } =
      (await searchWithRipgrep(request, signal)) ?? (await search(request, signal));
    if (lines.length === 0) return [text(`Nothing matches ${wanted}.`)];
    const summary = more
      ? `[Results: the first ${limit}, in ${files} files. There are more; narrow the search.]`
      : `[Results: ${lines.length}, files: ${files}.]`;
    return [text(lines.join('\n')), text(summary)];
  },
};

/** The Unicode mode refuses needless escapes, which models like to write; then the older mode is used. */
function compilable(
  pattern: { source: string; flags: string },
  wanted: string,
): { source: string; flags: string } {
  let reason = '';
  for (const flags of [pattern.flags, pattern.flags.replace('u', '')]) {
    try {
      new RegExp(pattern.source, flags);
      return { source: pattern.source, flags };
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  throw new ToolFailure(
    `"${wanted}" is not a regular expression: ${reason}. Set \`literal\` to search for plain text.`,
  );
}
