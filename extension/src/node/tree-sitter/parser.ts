import { readFile } from 'node:fs/promises';
import { Language, Parser } from 'web-tree-sitter';
import type { Outline, SyntaxParser } from '../../core/memory/index.ts';
import { outlineOf } from './definitions.ts';
import { grammarOf } from './grammars.ts';

export interface LazyParser extends SyntaxParser {
  /**
   * Loads the grammar for a file; without it `outline` knows nothing of the file's language. Returns the name of one that
   * cannot be loaded.
   */
  prepare(path: string): Promise<string | undefined>;
}

/** `fileOf` gives the place of a compiled grammar or of `web-tree-sitter`, by its name without `.wasm`. */
export async function openParser(fileOf: (name: string) => string): Promise<LazyParser> {
  await Parser.init({ locateFile: () => fileOf('web-tree-sitter') });
  const parser = new Parser();
  const languages = new Map<string, Language | undefined>();
  return {
    async prepare(path) {
      const file = grammarOf(path)?.file;
      if (file === undefined) return undefined;
      try {
        if (!languages.has(file)) languages.set(file, await Language.load(await readFile(fileOf(file))));
      } catch {
        languages.set(file, undefined); // Line shapes do for a language whose grammar is missing.
      }
      return languages.get(file) === undefined ? file : undefined;
    },
    outline(path, text) {
      const grammar = grammarOf(path);
      const language = grammar === undefined ? undefined : languages.get(grammar.file);
      if (grammar === undefined || language === undefined) return undefined;
      parser.setLanguage(language);
      return withTree(parser, text, (root) => outlineOf(root, grammar));
    },
  };
}

function withTree(
  parser: Parser,
  text: string,
  read: (root: NonNullable<ReturnType<Parser['parse']>>['rootNode']) => Outline | undefined,
): Outline | undefined {
  let steps = 0;
  const most = Math.min(LEAST_STEPS + text.length / CHARACTERS_PER_STEP, MOST_STEPS);
  const tree = parser.parse(text, null, { progressCallback: () => ++steps > most });
  if (tree === null) {
    parser.reset();
    return undefined;
  }
  try {
    return read(tree.rootNode);
  } finally {
    tree.delete();
  }
}

/**
 * The parser reports every hundred of its operations. Sources were measured to take 2 to 9 steps for 1,000 characters;
 * prose, binary data and nests of brackets with the name of a source took 10 to 57, at up to 20 ms each. A limit on
 * steps, and not on time, gives the same answer on every machine.
 */
const LEAST_STEPS = 500;
const CHARACTERS_PER_STEP = 50;
const MOST_STEPS = 12_000;
