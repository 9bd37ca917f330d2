export { chunkFile, hashOf, type Chunk } from './chunking/chunk.ts';
export { byScoreThenAge, episodeText } from './episode-text.ts';
export {
  memoryBusy,
  memoryClosed,
  memoryDamaged,
  memoryFailed,
  memoryFolderUnreadable,
  memoryStopped,
  memoryStorageFull,
  memoryStorageUnwritable,
  memoryTimedOut,
  memoryUnavailable,
} from './errors.ts';
export { MOST_FILE_BYTES, decodeText, isGenerated, isGeneratedName } from './chunking/file-rules.ts';
export { IGNORE_FILES, ignoreRules, isIgnored, type IgnoreRules } from './ignore-rules.ts';
export { kindOf, languageOf } from './chunking/language.ts';
export type { Definition, Outline, SyntaxParser } from './chunking/syntax.ts';
export type {
  ChunkKind,
  EmbedderState,
  Episode,
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
export { fullTextQuery } from './retrieval/query.ts';
export {
  EXPANSION_WEIGHT,
  candidatesFor,
  rankHits,
  type KeywordList,
  type Ranked,
} from './retrieval/rank.ts';
export { derivedText, splitWords } from './retrieval/words.ts';
