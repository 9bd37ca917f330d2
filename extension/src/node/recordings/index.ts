export {
  checkRecordingFile,
  listRecordings,
  readRecordingFile,
  recordingFile,
  RECORDINGS_FOLDER,
  saveRecording,
} from './recordings.ts';
