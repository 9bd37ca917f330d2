import { chooseFound } from '../choose-found.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import type { FolderMemory, MemoryPorts } from './memory-ports.ts';

/** The folder that was named, the only one, or one that the person picks. */
export function chooseMemory(
  ports: Pick<MemoryPorts, 'find'>,
  args: CommandArguments,
): Promise<FolderMemory> {
  return chooseFound(ports.find, args.folder, 'No folder is open, and memory belongs to a folder.');
}
