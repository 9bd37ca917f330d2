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
export { languageOf } from './chunking/language.ts';
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
export { fullTextQuery } from './retrieval/query.ts';
export { derivedText, splitWords } from './retrieval/words.ts';
