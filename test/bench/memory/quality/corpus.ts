import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documentedIn } from './documented.ts';

/** A question, and the one definition that answers it. */
export interface Question {
  readonly package: string;
  readonly text: string;
  readonly path: string;
  /** Where the definition begins, from 1. */
  readonly line: number;
}

export interface Corpus {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly questions: readonly Question[];
}

/** Well-known packages that ship their sources with comments in them, and one copy of each. */
const SOURCES = {
  axios: 'lib/**/*.js',
  commander: 'lib/**/*.js',
  express: 'lib/**/*.js',
  fastify: 'lib/**/*.js',
  hono: 'dist/**/*.js',
  koa: 'lib/**/*.js',
  winston: 'lib/**/*.js',
} as const;
const COPIES = /\/(?:cjs|umd)\//u;

/**
 * The sources of all packages without their doc comments, and the first sentences of those as questions: so many of each
 * package, evenly chosen, and only those that describe a single definition.
 */
export function readCorpus(packages: string, perPackage: number): Corpus {
  const files: { path: string; text: string }[] = [];
  const all: Question[] = [];
  for (const [name, pattern] of Object.entries(SOURCES))
    for (const found of globSync(pattern, { cwd: join(packages, name) }).sort()) {
      const path = `${name}/${found.replaceAll('\\', '/')}`;
      if (COPIES.test(path)) continue;
      const { text, definitions } = documentedIn(path, readFileSync(join(packages, name, found), 'utf8'));
      files.push({ path, text });
      all.push(...definitions.map(({ sentence, line }) => ({ package: name, text: sentence, path, line })));
    }
  const times = Map.groupBy(all, ({ text }) => text);
  const unique = all.filter(({ text }) => times.get(text)?.length === 1);
  const questions = [...Map.groupBy(unique, (question) => question.package).values()].flatMap((own) => {
    const every = Math.max(1, own.length / perPackage);
    return own.filter((_, at) => Math.floor(at / every) !== Math.floor((at - 1) / every));
  });
  return { files, questions };
}

export function writeCorpus(corpus: Corpus, folder: string): void {
  for (const { path, text } of corpus.files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
