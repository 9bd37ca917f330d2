import path from 'node:path';

/** The path of a file from the folder on, with slashes; undefined for the folder itself and for what is not in it. */
export function pathInside(folder: string, file: string): string | undefined {
  const relative = path.relative(folder, file);
  // A name may begin with two dots by itself.
  const isAbove = relative === '..' || relative.startsWith(`..${path.sep}`);
  if (relative === '' || isAbove || path.isAbsolute(relative)) return undefined;
  return relative.split(path.sep).join('/');
}
