import type { FileTool } from '../tool.ts';
import { deleteTool } from './delete.ts';
import { editTool } from './edit.ts';
import { globTool } from './glob.ts';
import { listTool } from './list.ts';
import { moveTool } from './move.ts';
import { readTool } from './read.ts';
import { searchTool } from './search.ts';
import { writeTool } from './write.ts';

const readingTools: readonly FileTool[] = [readTool, listTool, globTool, searchTool];
const writingTools: readonly FileTool[] = [editTool, writeTool, deleteTool, moveTool];

/** The tools in the order in which they are listed, which never changes between starts. */
export function toolsFor(options: { readonly readOnly: boolean }): readonly FileTool[] {
  return options.readOnly ? readingTools : [...readingTools, ...writingTools];
}
