import { existingPath, shownPath } from '../paths.ts';
import { readText, writeText } from '../text-file.ts';
import { flag, schema, stringArgument, text, ToolFailure, type FileTool } from '../tool.ts';

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
    const oldText = stringArgument(args, 'oldText');
    const newText = stringArgument(args, 'newText');
    if (oldText === '') throw new ToolFailure('`oldText` must not be empty.');
    if (oldText === newText) throw new ToolFailure('`newText` is the same as `oldText`.');
    const real = await existingPath(root, path);
    const before = await readText(real, path);
    const pieces = before.split(oldText);
    const count = pieces.length - 1;
    if (count === 0)
      throw new ToolFailure(`\`oldText\` does not occur in "${path}".${nearMiss(before, oldText)}`);
    if (count > 1 && !flag(args, 'replaceAll'))
      throw new ToolFailure(
        `\`oldText\` occurs ${count} times in "${path}". Take in more lines, or set \`replaceAll\`.`,
      );
    await writeText(real, path, pieces.join(newText));
    const line = (pieces[0] ?? '').split('\n').length;
    return [
      text(
        `Replaced ${count === 1 ? `the text at line ${line}` : `${count} places`} of ${shownPath(root, real)}.`,
      ),
    ];
  },
};

function nearMiss(before: string, oldText: string): string {
  if (before.includes('\r\n') && before.replaceAll('\r\n', '\n').includes(oldText))
    return ' The file has Windows line ends (\\r\\n).';
  const loose = (value: string) => value.replace(/\s+/g, ' ').trim();
  return loose(before).includes(loose(oldText))
    ? ' It does with other spaces or line ends: read the file and copy them.'
    : '';
}
