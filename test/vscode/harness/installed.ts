import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { installVsix, packageForThisMachine } from '../../../scripts/editor/index.ts';

/** Names the folder into which a runner has installed the packed extension, for all windows of its tests: none changes it. */
export const installedVariable = 'STRATA_TEST_EXTENSIONS';

/** Packs the extension and has VS Code install it below `folder`. Returns the folder of extensions. */
export async function installForTests(folder: string): Promise<string> {
  const [extensionsDir, dataDir] = [path.join(folder, 'extensions'), path.join(folder, 'install')];
  await mkdir(dataDir, { recursive: true });
  const vsix = process.env['STRATA_TEST_VSIX'] ?? (await packageForThisMachine());
  await installVsix({ vsix, extensionsDir, dataDir });
  return extensionsDir;
}
