import { flag, stringArgument, ToolFailure, type Arguments } from '../../tool.ts';

interface Replacement {
  readonly path: string;
  readonly oldText: string;
  readonly newText: string;
  readonly all: boolean;
}

export function readReplacement(args: Arguments): Replacement {
  const oldText = stringArgument(args, 'oldText');
  const newText = stringArgument(args, 'newText');
  if (oldText === '') throw new ToolFailure('`oldText` must not be empty.');
  if (oldText === newText) throw new ToolFailure('`newText` is the same as `oldText`.');
  return { path: stringArgument(args, 'path'), oldText, newText, all: flag(args, 'replaceAll') };
}

/** The text with the replacement made, and in words where it was made. */
export function replaceExactly(
  before: string,
  { path, oldText, newText, all }: Replacement,
): { readonly after: string; readonly where: string } {
  const pieces = before.split(oldText);
  const count = pieces.length - 1;
  if (count === 0)
    throw new ToolFailure(`\`oldText\` does not occur in "${path}".${nearMiss(before, oldText)}`);
  if (count > 1 && !all)
    throw new ToolFailure(
      `\`oldText\` occurs ${count} times in "${path}". Take in more lines, or set \`replaceAll\`.`,
    );
  const line = (pieces[0] ?? '').split('\n').length;
  return {
    after: pieces.join(newText),
    where: count === 1 ? `the text at line ${line}` : `${count} places`,
  };
}

function nearMiss(before: string, oldText: string): string {
  if (before.includes('\r\n') && before.replaceAll('\r\n', '\n').includes(oldText))
    return ' The file has Windows line ends (\\r\\n).';
  const loose = (value: string) => value.replace(/\s+/g, ' ').trim();
  return loose(before).includes(loose(oldText))
    ? ' It does with other spaces or line ends: read the file and copy them.'
    : '';
}
