export { checkRecording } from './check-recording.ts';
export type { RecordedDivergence, RecordingCheck } from './check-recording.ts';
export { RECORDING_SUFFIX } from './format.ts';
export { makeRecording, suggestName } from './make-recording.ts';
export { readRecording } from './read-recording.ts';
export type { Recording } from './read-recording.ts';
export { writeRecording } from './write-recording.ts';
