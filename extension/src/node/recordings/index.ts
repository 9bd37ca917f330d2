export { readRecording, suggestName } from '../../core/orchestration/recording/index.ts';
export type { Recording, RecordingCheck } from '../../core/orchestration/recording/index.ts';
export {
  checkRecordingFile,
  exportRecording,
  isRecording,
  listRecordings,
  readRecordingFile,
  recordingFile,
  saveRecording,
} from './recordings.ts';
