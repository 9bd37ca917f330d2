import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Where the compiled grammars are, by name without `.wasm`: beside the bundle, or in the packages where the sources are
 * run. `esbuild.mjs` copies the same files.
 */
export function grammarFiles(names: readonly string[]): Readonly<Record<string, string>> {
  const folder = join(import.meta.dirname, 'grammars');
  if (existsSync(folder))
    return Object.fromEntries(names.map((name) => [name, join(folder, `${name}.wasm`)]));
  const { resolve } = createRequire(import.meta.url);
  return Object.fromEntries(names.map((name) => [name, resolve(packageOf(name))]));
}

/** Those that did not come along, by name. */
export function missingGrammars(names: readonly string[]): string[] {
  return names.filter((name) => {
    try {
      return !Object.values(grammarFiles([name])).every(existsSync);
    } catch {
      return true; // Its package is not installed.
    }
  });
}

function packageOf(name: string): string {
  return `${OWN_PACKAGES.get(name) ?? '@vscode/tree-sitter-wasm/wasm'}/${name}.wasm`;
}

/** Those that VS Code's package of grammars lacks. */
const OWN_PACKAGES = new Map([
  ['web-tree-sitter', 'web-tree-sitter'],
  ['tree-sitter-c', 'tree-sitter-c'],
  ['tree-sitter-lua', '@tree-sitter-grammars/tree-sitter-lua'],
]);
