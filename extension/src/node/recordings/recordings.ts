import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  checkRecording,
  makeRecording,
  readRecording,
  RECORDING_SUFFIX,
  writeRecording,
} from '../../core/orchestration/recording/index.ts';
import type { Recording, RecordingCheck } from '../../core/orchestration/recording/index.ts';
import type { RunLog } from '../../core/orchestration/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { StepView } from '../../protocol/run-view.ts';
import { recordingExists, recordingNotWritten, recordingUnreadable } from './errors.ts';

/** In a workspace folder. */
const RECORDINGS_FOLDER = path.join('.strata', 'replays');

export function isRecording(file: string): boolean {
  return file.endsWith(RECORDING_SUFFIX);
}

/** Paths of all recordings of a workspace folder, in order of their names. */
export async function listRecordings(folder: string): Promise<readonly string[]> {
  const place = path.join(folder, RECORDINGS_FOLDER);
  try {
    const names = await readdir(place);
    return names
      .filter(isRecording)
      .sort()
      .map((name) => path.join(place, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw recordingUnreadable(place, error);
  }
}

/** `shown` names it in messages. Throws `recording-unreadable` and what reading its text throws. */
export async function readRecordingFile(file: string, shown = file): Promise<Recording> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw recordingUnreadable(shown, error);
  }
  return readRecording(text, shown);
}

export async function checkRecordingFile(
  file: string,
  shown: string,
  onStep: (step: StepView) => void = () => undefined,
): Promise<RecordingCheck> {
  return checkRecording(await readRecordingFile(file, shown), onStep);
}

/** Where a recording of this name stands in a workspace folder. */
export function recordingFile(folder: string, name: string): string {
  const base = isRecording(name) ? name.slice(0, -RECORDING_SUFFIX.length) : name;
  // A name is one name: it must not lead out of the folder.
  const safe = base.replace(/[^\p{L}\p{N}._ -]+/gu, '-').replace(/^[.\s]+/, '') || 'run';
  return path.join(folder, RECORDINGS_FOLDER, `${safe}${RECORDING_SUFFIX}`);
}

/**
 * Writes a run to be looked at, also one that is no test: of another program, one that goes on. Takes the place of the file.
 * Throws `recording-invalid` where it could not be opened again.
 */
export async function exportRecording(
  log: Pick<RunLog, 'read' | 'getBlob'>,
  run: RunId,
  file: string,
): Promise<void> {
  const text = writeRecording(log, run);
  readRecording(text, run);
  await writeWhole(file, text);
}

/**
 * Writes the run to the file, whole or not at all. Throws `recording-exists` unless it may be replaced, and
 * `recording-diverges` for a run that is no test.
 */
export async function saveRecording(
  log: Pick<RunLog, 'read' | 'getBlob'>,
  run: RunId,
  file: string,
  options: { readonly replace: boolean },
): Promise<void> {
  const text = await makeRecording(log, run);
  if (options.replace) {
    await writeWhole(file, text);
    return;
  }
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    throw isExisting(error) ? recordingExists(file) : recordingNotWritten(file, error);
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const begun = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(begun, text);
    await rename(begun, file);
  } catch (error) {
    await rm(begun, { force: true });
    throw recordingNotWritten(file, error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
