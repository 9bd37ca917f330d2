import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Asks the editor that opens `folder` within the next minutes to show this run. `home` is where Strata keeps its data. */
export async function leaveOpenRequest(
  home: string,
  request: { readonly folder: string; readonly run: string },
): Promise<void> {
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, 'open-request.json'), JSON.stringify({ ...request, at: Date.now() }));
}
