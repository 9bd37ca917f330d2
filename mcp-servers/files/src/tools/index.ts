import type { Tool } from '../../../tool.ts';
import { inFolder, type FileTool } from '../file-tool.ts';
import { createTool } from './create.ts';
import { deleteTool } from './delete.ts';
import { editTool } from './edit.ts';
import { globTool } from './glob.ts';
import { listTool } from './list.ts';
import { moveTool } from './move.ts';
import { patchTool } from './patch.ts';
import { readTool } from './read.ts';
import { searchTool } from './search.ts';
import { writeTool } from './write.ts';

const readingTools: readonly FileTool[] = [readTool, listTool, globTool, searchTool];
const writingTools: readonly FileTool[] = [editTool, patchTool, createTool, writeTool, deleteTool, moveTool];

/** The tools in the order in which they are listed, which never changes between starts. */
export function toolsFor(root: string, options: { readonly readOnly: boolean }): readonly Tool[] {
  const tools = options.readOnly ? readingTools : [...readingTools, ...writingTools];
  return tools.map((tool) => inFolder(root, tool));
}
