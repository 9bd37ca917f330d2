import { createHash } from 'node:crypto';
import { codeSections, type Section } from './definitions.ts';
import { headingSections } from './headings.ts';
import { chunkingKindOf } from './language.ts';
import { pieces } from './windows.ts';
import { derivedText } from '../retrieval/words.ts';

/** A piece of a file as it is indexed. Lines count from 1, both ends included. */
export interface Chunk {
  /** Hash of path and text (and of the occurrence, where a file repeats itself): equal content keeps its id when it moves. */
  readonly id: string;
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly symbol?: string;
  readonly text: string;
  readonly derived: string;
}

/** A file as chunks: code by definition, Markdown by heading, anything else by blank lines. They never overlap. */
export function chunkFile(path: string, text: string): Chunk[] {
  const lines = text.split(/\r\n|\n|\r/);
  const seen = new Map<string, number>();
  return sectionsOf(path, lines).flatMap((section) =>
    pieces(lines, section.start, section.end).map((piece) => {
      const occurrence = seen.get(piece.text) ?? 0;
      seen.set(piece.text, occurrence + 1);
      return {
        id: hashOf(`${path}\0${String(occurrence)}\0${piece.text}`),
        path,
        ...piece,
        ...(section.symbol === undefined ? {} : { symbol: section.symbol }),
        derived: derivedText(path, section.symbol, piece.text),
      };
    }),
  );
}

/** 128 bits of SHA-256: ids and file hashes need no more. */
export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

function sectionsOf(path: string, lines: readonly string[]): Section[] {
  const kind = chunkingKindOf(path);
  if (kind === 'code') return codeSections(lines);
  if (kind === 'markdown') return headingSections(lines);
  return [{ start: 0, end: lines.length }];
}
