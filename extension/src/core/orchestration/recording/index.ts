export { checkRecording } from './check-recording.ts';
export type { RecordedDivergence, RecordingCheck } from './check-recording.ts';
export { recordingUnreplayable } from './errors.ts';
export { RECORDING_SUFFIX } from './format.ts';
export { readRecording } from './read-recording.ts';
export type { Recording } from './read-recording.ts';
export { writeRecording } from './write-recording.ts';
