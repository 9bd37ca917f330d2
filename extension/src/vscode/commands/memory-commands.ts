import type { MemoryCommandName } from '../memory/index.ts';
import type { Command } from './context.ts';

const inMemory =
  (name: MemoryCommandName): Command =>
  (context, args) =>
    context.memory.perform(name, args);

/** A rating shows in the list of runs too. */
const rating =
  (name: MemoryCommandName): Command =>
  async (context, args) => {
    const rated = await context.memory.perform(name, args);
    context.refreshRuns();
    return rated;
  };

/** Commands of the memory view, which loads their code. */
export const memoryCommands: Readonly<Record<string, Command>> = {
  'strata.indexWorkspace': inMemory('indexWorkspace'),
  'strata.pauseIndexing': inMemory('pauseIndexing'),
  'strata.resumeIndexing': inMemory('resumeIndexing'),
  'strata.searchMemory': inMemory('searchMemory'),
  'strata.chooseEmbedder': inMemory('chooseEmbedder'),
  'strata.addNote': inMemory('addNote'),
  'strata.openNotes': inMemory('openNotes'),
  'strata.confirmNote': inMemory('confirmNote'),
  'strata.pinMemory': inMemory('pinMemory'),
  'strata.unpinMemory': inMemory('unpinMemory'),
  'strata.editMemory': inMemory('editMemory'),
  'strata.forgetMemory': inMemory('forgetMemory'),
  'strata.clearMemory': inMemory('clearMemory'),
  'strata.whyRecalled': inMemory('whyRecalled'),
  'strata.rateRun': rating('rateRun'),
  'strata.rateRunUp': rating('rateRunUp'),
  'strata.rateRunDown': rating('rateRunDown'),
  'strata.refreshMemory': (context, { more, folder }) => {
    context.memory.refresh(more === true ? folder : undefined);
    return Promise.resolve();
  },
};
