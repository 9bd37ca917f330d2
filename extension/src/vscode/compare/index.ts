export { compareRuns } from './compare-command.ts';
export { registerTranscripts } from './transcripts.ts';
