export { compareRuns } from './compare-command.ts';
export { openAsText, openFileOfBoth, pairTitle } from './text-form.ts';
export { registerTranscripts } from './transcripts.ts';
