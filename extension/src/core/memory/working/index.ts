export { DEFAULT_CONTEXT_TOKENS, SHARES } from './budget.ts';
export { listChangedFiles } from './changed-files.ts';
export { hasHeadings, HEADINGS, mergeNotes, readNotes, summaryText } from './summary.ts';
export type { Notes } from './summary.ts';
export { estimateMessage, estimateText, estimateTools } from './token-estimate.ts';
export { extract, transcript } from './transcript.ts';
export { createWorkingMemory } from './working-memory.ts';
export type { CondenseRequest, Condensed, ContextRequest, Opening, WorkingMemory } from './working-memory.ts';
