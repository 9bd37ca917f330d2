import { ToolFailure } from '../../tool.ts';

/** What to look for. With `pattern` the lines that match it, without it the files themselves. */
export interface SearchRequest {
  readonly folder: string;
  readonly shown: string;
  /** Set when a single file is searched. */
  readonly file: boolean;
  readonly glob: string | undefined;
  readonly pattern: Pattern | undefined;
  readonly limit: number;
}

interface Pattern {
  /** As the caller wrote it. */
  readonly written: string;
  readonly literal: boolean;
  readonly ignoreCase: boolean;
  /** As a regular expression of JavaScript. */
  readonly source: string;
  readonly flags: string;
}

export interface SearchAnswer {
  readonly lines: readonly string[];
  readonly files: number;
  /** There was more than the limit. */
  readonly more: boolean;
}

export const searchLimitMs = 20_000;
export const maxFileBytes = 4 * 1024 * 1024;
const maxLineLength = 400;

/** Folders that are walked only when they are asked for by name: generated or huge, and never what is looked for. */
export const skippedFolders: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '__pycache__',
]);

export function matchLine(shown: string, number: number, line: string): string {
  const text = line.trimEnd();
  return `${shown}:${number}: ${text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text}`;
}

export function tooLong(): ToolFailure {
  return new ToolFailure(
    'The search took longer than 20 s. Narrow it with `path` or `glob`, or use a simpler pattern.',
  );
}
