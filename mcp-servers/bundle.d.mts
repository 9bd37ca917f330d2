import type { BuildOptions } from 'esbuild';

export const serverNames: readonly string[];
export function serverBundles(outdir: string, names?: readonly string[]): BuildOptions;
