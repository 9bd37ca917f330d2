import type { RunId } from '../../../protocol/run-event.ts';
import type { RunLog } from '../ports.ts';
import { checkRecording } from './check-recording.ts';
import { recordingUnreplayable } from './errors.ts';
import { readRecording } from './read-recording.ts';
import { writeRecording } from './write-recording.ts';

/** The text of a recording that was read back and replayed: one that fails at once would be no test. Throws `recording-diverges`. */
export async function makeRecording(log: Pick<RunLog, 'read' | 'getBlob'>, run: RunId): Promise<string> {
  const text = writeRecording(log, run);
  const { divergence } = await checkRecording(readRecording(text, run), () => undefined);
  if (divergence) throw recordingUnreplayable(divergence.message, divergence.recorded, divergence.actual);
  return text;
}

/** A name for its file: the first words of the task, of letters and digits that every file system takes. */
export function suggestName(task: string): string {
  const words =
    task
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  let name = '';
  for (const word of words) {
    if (name !== '' && name.length + word.length >= NAME_LENGTH) break;
    name += `${name === '' ? '' : '-'}${word.slice(0, NAME_LENGTH)}`;
  }
  return name === '' ? 'run' : name;
}

const NAME_LENGTH = 40;
