import { createHash } from 'node:crypto';
import type { ChunkKind } from '../memory.ts';
import { derivedText } from '../retrieval/derived.ts';
import { configSections } from './config.ts';
import { codeSections } from './definitions.ts';
import { headingSections } from './headings.ts';
import { isMarkdown, kindOf, languageOf } from './language.ts';
import { notebookPieces } from './notebook.ts';
import { outlineSections } from './outline.ts';
import type { Section } from './section.ts';
import type { SyntaxParser } from './syntax.ts';
import { pieces, type Piece } from './windows.ts';

/** A piece of a file as it is indexed. Lines count from 1, both ends included. */
export interface Chunk {
  /** Hash of path, symbol and text: the same for every place of a text in one file, and wherever it moves in it. */
  readonly id: string;
  /** Hash of symbol and text: the same in every file, so that it is embedded once. */
  readonly content: string;
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly symbol?: string;
  readonly kind: ChunkKind;
  readonly language?: string;
  readonly text: string;
  /** What the full-text index reads. */
  readonly derived: string;
}

/**
 * A file as chunks that never overlap and lose no line: code by definition, Markdown by heading, notebooks by cell,
 * configuration by key, anything else by blank lines. Without a parser, or where it gives up, code is cut by line shapes.
 */
export function chunkFile(path: string, text: string, parser?: SyntaxParser): Chunk[] {
  const kind = kindOf(path);
  const language = languageOf(path);
  return cutFile(path, kind, text, parser).map(({ symbol, ...piece }) => ({
    id: hashOf(`${path}\0${symbol ?? ''}\0${piece.text}`),
    content: hashOf(`${symbol ?? ''}\0${piece.text}`),
    path,
    ...piece,
    ...(symbol === undefined ? {} : { symbol }),
    kind,
    ...(language === undefined ? {} : { language }),
    derived: derivedText(path, symbol, piece.text),
  }));
}

/** 128 bits of SHA-256: ids and file hashes need no more. */
export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

type NamedPiece = Piece & { readonly symbol?: string };

function cutFile(
  path: string,
  kind: ChunkKind,
  text: string,
  parser: SyntaxParser | undefined,
): NamedPiece[] {
  const cells = kind === 'notebook' ? notebookPieces(text) : undefined;
  if (cells !== undefined) return cells;
  const lines = text.split(/\r\n|\n|\r/);
  // Parsers count lines by `\n` alone.
  const outline = kind === 'code' ? parser?.outline(path, lines.join('\n')) : undefined;
  const sections = outline === undefined ? sectionsOf(path, kind, lines) : outlineSections(outline, lines);
  return sections.flatMap(({ start, end, symbol }) =>
    pieces(lines, start, end, outline?.breaks).map((piece) => ({
      ...piece,
      ...(symbol === undefined ? {} : { symbol }),
    })),
  );
}

function sectionsOf(path: string, kind: ChunkKind, lines: readonly string[]): Section[] {
  if (kind === 'code') return codeSections(lines);
  if (kind === 'config') return configSections(path, lines);
  if (isMarkdown(path)) return headingSections(lines);
  return [{ start: 0, end: lines.length }];
}
