import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

/** A start from a terminal asks the editor that it opens to show a run; an older request was not meant for this window. */
const FRESH_MS = 10 * 60_000;

/** The run that `npm start` left for this window to show, taken only once. */
export async function takeOpenRequest(
  home: string,
  folders: readonly string[],
  now: number,
): Promise<string | undefined> {
  const file = path.join(home, 'open-request.json');
  let request: unknown;
  try {
    request = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // None was left, which is the usual case, or it is not one.
    return undefined;
  }
  if (typeof request !== 'object' || request === null) return undefined;
  const { folder, run, at } = request as Record<string, unknown>;
  if (typeof folder !== 'string' || typeof run !== 'string' || typeof at !== 'number') return undefined;
  // The editor and the terminal may differ in the case of a drive's letter.
  const open = folders.some((one) => path.relative(one, folder) === '');
  if (!open || now - at > FRESH_MS) return undefined;
  await rm(file, { force: true });
  return run;
}
