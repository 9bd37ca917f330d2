import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../../scripts/editor/index.ts';

const NAME = 'strata-tests.other-extension';
const VERSION = '1.0.0';

/**
 * Installs an extension that stands for those of others: it makes a vendor of models known, whose provider a suite registers.
 * As an installed one, since the web workbench takes one extension under development and no more.
 */
export async function installOther(extensions: string): Promise<void> {
  const relativeLocation = `${NAME}-${VERSION}`;
  const folder = path.join(extensions, relativeLocation);
  await mkdir(extensions, { recursive: true });
  await cp(path.join(projectRoot, 'test', 'fixtures', 'other-extension'), folder, { recursive: true });
  const location = { $mid: 1, path: folder, scheme: 'file' };
  const entry = { identifier: { id: NAME }, version: VERSION, location, relativeLocation };
  await writeFile(path.join(extensions, 'extensions.json'), JSON.stringify([entry]));
}
