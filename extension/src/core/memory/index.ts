export { chunkFile, hashOf, type Chunk } from './chunking/chunk.ts';
export type {
  AlikeRun,
  Episode,
  Recalled,
  RecalledEpisode,
  RecalledNote,
  RecallReason,
  Remedy,
} from './episodes/episode.ts';
export { episodeSchema, recalledSchema } from './episodes/episode-schema.ts';
export { episodeText } from './episodes/episode-text.ts';
export { rankEpisodes, type EpisodeCandidate } from './episodes/rank-episodes.ts';
export { recalledText } from './episodes/recalled-text.ts';
export { usageOf, type Usage } from './episodes/usage.ts';
export { withinBudget } from './episodes/within-budget.ts';
export {
  memoryBusy,
  memoryClosed,
  memoryDamaged,
  memoryFailed,
  memoryFolderUnreadable,
  memoryGrammarsLacking,
  memoryStopped,
  memoryStorageFull,
  memoryStorageUnwritable,
  memoryTimedOut,
  memoryUnavailable,
  sharedMemoryDenied,
  sharedMemoryForeign,
  sharedMemoryMissing,
  sharedMemoryMistake,
  sharedMemoryNewer,
  sharedMemoryNotForgotten,
  sharedMemoryUnreachable,
} from './errors.ts';
export { projectName } from './shared/project-name.ts';
export {
  readSharedSetting,
  sharedPlace,
  sharedPlaceFrom,
  type SharedPlace,
} from './shared/shared-setting.ts';
export { MOST_FILE_BYTES, decodeText, isGenerated, isGeneratedName } from './chunking/file-rules.ts';
export { IGNORE_FILES, ignoreRules, isIgnored, type IgnoreRules } from './ignore-rules.ts';
export { kindOf, languageOf } from './chunking/language.ts';
export type { Definition, Outline, SyntaxParser } from './chunking/syntax.ts';
export type {
  ChunkKind,
  EmbedderState,
  Hit,
  HitReason,
  IndexProgress,
  IndexReport,
  IndexState,
  Memory,
  Place,
  SearchFilter,
  SearchOptions,
} from './memory.ts';
export type { Candidate } from './retrieval/candidate.ts';
export { noteText, type Fading, type Note } from './notes/note.ts';
export {
  NEW_NOTES_FILE,
  noteId,
  notesOf,
  readNotes,
  replaceNote,
  withNotes,
  writeNotes,
  type NotesDocument,
} from './notes/notes-document.ts';
export { rankNotes } from './notes/rank-notes.ts';
export { reviseNotes, withoutRuns, type Revised } from './notes/revise-notes.ts';
export { expansionQuestion, needsExpansion, readExpansion } from './retrieval/expansion.ts';
export { fullTextQuery } from './retrieval/query.ts';
export {
  EXPANSION_WEIGHT,
  candidatesFor,
  rankHits,
  type KeywordList,
  type Ranked,
} from './retrieval/rank.ts';
export { derivedText } from './retrieval/derived.ts';
export { splitWords } from './retrieval/words.ts';
