/** What tells, without reading it, that a file is as it was; empty when it is too young to tell, or from the future. */
export function stampOf(
  stats: { readonly size: number; readonly mtimeMs: number; readonly ctimeMs: number },
  now: number,
): string {
  if (Math.max(stats.mtimeMs, stats.ctimeMs) > now - YOUNG_MS) return '';
  return `${String(stats.size)} ${String(stats.mtimeMs)} ${String(stats.ctimeMs)}`;
}

/** FAT counts in steps of two seconds, the coarsest clock of the file systems in use. */
const YOUNG_MS = 2_000;
