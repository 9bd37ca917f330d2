import type { Contents, Recording, Transcript, Walk } from '../../core/orchestration/walk/index.ts';

/** What is open in a session. */
export interface Opened {
  readonly walk: Walk;
  readonly contents: Contents;
  transcript(recording: Recording): Transcript;
}
