export { prepareRunCommand, runCommand } from './run-command.ts';
export { readTrace } from './read-trace.ts';
export { recallMemory, searchMemory } from './search-memory.ts';
