import { inOrder, type Mistake } from '../../extension/src/core/definition-file/index.ts';

/** Mistakes in the order of the file, as `line:column-column severity code message`, from 1 as people count. */
export function shown(mistakes: readonly Mistake[]): string[] {
  return inOrder(mistakes).map(({ range: { start, end }, severity, code, message }) => {
    const until = end.line === start.line ? end.character + 1 : `${end.line + 1}:${end.character + 1}`;
    return `${start.line + 1}:${start.character + 1}-${until} ${severity} ${code} ${message}`;
  });
}
