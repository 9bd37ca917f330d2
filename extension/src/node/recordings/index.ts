export { suggestName } from '../../core/orchestration/recording/index.ts';
export type { Recording, RecordingCheck } from '../../core/orchestration/recording/index.ts';
export {
  checkRecordingFile,
  isRecording,
  listRecordings,
  readRecordingFile,
  recordingFile,
  saveRecording,
} from './recordings.ts';
