import type { Tool } from '../../../tool.ts';
import type { Repository } from '../repository.ts';
import { blameTool } from './blame.ts';
import { commitTool } from './commit.ts';
import { diffTool } from './diff.ts';
import { logTool } from './log.ts';
import { showTool } from './show.ts';
import { statusTool } from './status.ts';

/** The tools in the order in which they are listed, which never changes between starts. */
export function toolsFor(repository: Repository): readonly Tool[] {
  return [statusTool, diffTool, logTool, showTool, blameTool, commitTool].map((make) => make(repository));
}
