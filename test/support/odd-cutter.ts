import { fileURLToPath } from 'node:url';
import { openCutter as open, type Cutter } from '../../extension/src/node/tree-sitter/cutter.ts';
import { grammarFiles } from '../../extension/src/node/tree-sitter/grammar-files.ts';
import { GRAMMAR_NAMES } from '../../extension/src/node/tree-sitter/grammars.ts';

/** Takes the place of the one of the same name; see `odd-cutter-process.ts`. */
export function openCutter(): Cutter {
  const here = fileURLToPath(import.meta.url);
  return open({
    fileLimitMs: 10_000,
    worker: fileURLToPath(new URL('./odd-cutter-process.ts', import.meta.url)),
    grammars: { ...grammarFiles(GRAMMAR_NAMES), 'tree-sitter-go': `${here}.wasm` },
  });
}
