import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { ensureEditor } from '../../../scripts/editor/index.ts';

/**
 * Of what comes with VS Code: the themes, and the languages of the files that tests open. Each of the other eighty is read,
 * sent and in part started for every window, an assistant with its own agent among them, which is a third of a window's cost.
 */
const needed = [
  ...['theme-defaults', 'theme-seti', 'theme-modern-icons', 'configuration-editing', 'diff'],
  ...['json', 'json-language-features', 'yaml', 'javascript', 'typescript-basics'],
  ...['markdown-basics', 'html', 'css', 'shellscript'],
];

/** Makes the folder, and in it the few extensions. */
export async function fewBuiltinExtensions(folder: string): Promise<string> {
  const { serverMain } = await ensureEditor();
  const all = path.join(path.dirname(serverMain), '..', 'extensions');
  await mkdir(folder);
  for (const name of needed) await symlink(path.join(all, name), path.join(folder, name), 'junction');
  return folder;
}
