import { open, readFile, realpath } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import * as z from 'zod';
import { npmFailed, binaryNotJavaScript, binaryUnclear, packageRunsNothing } from './errors.ts';
import type { PackageSpec } from './package-spec.ts';

/** What npm has put into a staging folder. */
export interface StagedPackage {
  readonly version: string;
  /** The lock's, `sha512-…`; '' when the registry gave none. */
  readonly integrity: string;
  /** From the staging folder, with `/`. */
  readonly script: string;
  /** Packages with install scripts, none of which was run. */
  readonly withScripts: readonly string[];
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

const manifestSchema = z.object({
  version: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
});

export async function readStaged(
  folder: string,
  spec: PackageSpec,
  binary: string | undefined,
): Promise<StagedPackage> {
  const place = `node_modules/${spec.name}`;
  const lock = await readJson(join(folder, 'package-lock.json'), lockSchema, spec);
  const manifest = await readJson(join(folder, place, 'package.json'), manifestSchema, spec);
  const script = await scriptOf(join(folder, place), chooseBinary(spec.name, manifest.bin, binary), spec);
  return {
    version: manifest.version,
    integrity: lock.packages[place]?.integrity ?? '',
    script: `${place}/${script}`,
    withScripts: Object.entries(lock.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, '')),
  };
}

/** As npx chooses: the one that is named, the only one, or the one that is called like the package. */
export function chooseBinary(
  name: string,
  bin: string | Readonly<Record<string, string>> | undefined,
  wanted: string | undefined,
): string {
  const own = name.replace(/^@[^/]*\//, '');
  const all = typeof bin === 'string' ? { [own]: bin } : (bin ?? {});
  const found = Object.keys(all);
  if (found.length === 0) throw packageRunsNothing(name);
  if (wanted !== undefined) {
    const script = Object.hasOwn(all, wanted) ? all[wanted] : undefined;
    if (script === undefined) throw binaryUnclear(name, { wanted, found });
    return script;
  }
  // Several names for one script are no choice.
  const scripts = new Set(Object.values(all).map((script) => script.replace(/^\.\//, '')));
  const script = scripts.size === 1 ? Object.values(all)[0] : Object.hasOwn(all, own) ? all[own] : undefined;
  if (script === undefined) throw binaryUnclear(name, { found });
  return script;
}

/** The script's path in the package, as the file system has it: never outside of the package, and only JavaScript. */
async function scriptOf(folder: string, script: string, { name }: PackageSpec): Promise<string> {
  const root = await realpath(folder);
  const real = await realpath(join(folder, script)).catch(() => undefined);
  if (real === undefined || !real.startsWith(`${root}${sep}`)) throw packageRunsNothing(name);
  if (!(await isJavaScript(real))) throw binaryNotJavaScript(name, script);
  return relative(root, real).split(sep).join('/');
}

async function isJavaScript(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    const start = buffer.subarray(0, bytesRead).toString('latin1');
    const interpreter = /^#!(.*)/.exec(start)?.[1];
    if (interpreter !== undefined) return /\bnode(?:js)?\b/.test(interpreter);
    if (/^(?:\x7fELF|MZ|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe)/.test(start)) return false;
    return ['.js', '.mjs', '.cjs', ''].includes(extname(path));
  } finally {
    await file.close();
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>, { name }: PackageSpec): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw Object.assign(
      npmFailed(name, `it left no ${path.endsWith('lock.json') ? 'lock' : 'package'} behind`),
      {
        cause: error,
      },
    );
  }
}
