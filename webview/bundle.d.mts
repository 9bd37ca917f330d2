import type { BuildOptions } from 'esbuild';

export function panelBundle(outdir: string): BuildOptions;
