import { findNodeAtLocation, getNodeValue, parseTree, type Node } from 'jsonc-parser';
import { pieces, type Piece } from './windows.ts';

/** A piece of a notebook; its lines are those of the file. */
export interface NotebookPiece extends Piece {
  readonly symbol?: string;
}

/**
 * The cells of a Jupyter notebook, outputs left out, or undefined where the file is none. An explanation goes with the
 * code below it. The symbol is the last heading.
 */
export function notebookPieces(text: string): NotebookPiece[] | undefined {
  const cells = cellsOf(text);
  if (cells === undefined) return undefined;
  const lineAt = lineCounter(text);
  const found: NotebookPiece[] = [];
  let heading: string | undefined;
  let open: Cell[] = [];
  const write = (): void => {
    const lines = open.flatMap((cell) => cell.lines);
    const first = open[0];
    if (first === undefined) return;
    const from = lineAt(first.from);
    for (const piece of pieces(lines, 0, lines.length)) {
      // A cell's line is a string of its own in the file, unless a program wrote the file without line breaks.
      const to = lineAt(open.at(-1)?.to ?? first.to);
      const startLine = Math.min(from + piece.startLine - 1, to);
      const endLine = Math.min(from + piece.endLine - 1, to);
      found.push({
        startLine,
        endLine,
        text: piece.text,
        ...(heading === undefined ? {} : { symbol: heading }),
      });
    }
    open = [];
  };
  for (const cell of cells) {
    const size = open.reduce((sum, { lines }) => sum + lines.length, 0);
    if (
      cell.kind === 'markdown' ||
      open.at(-1)?.kind !== 'markdown' ||
      size + cell.lines.length > MOST_JOINED
    )
      write();
    heading = headingIn(cell) ?? heading;
    open.push(cell);
  }
  write();
  return found;
}

interface Cell {
  readonly kind: string;
  readonly lines: readonly string[];
  /** Offsets of its source in the file. */
  readonly from: number;
  readonly to: number;
}

function cellsOf(text: string): Cell[] | undefined {
  const root = parseTree(text);
  const cells = root === undefined ? undefined : findNodeAtLocation(root, ['cells']);
  if (cells?.type !== 'array') return undefined;
  return (cells.children ?? []).flatMap((cell) => {
    const source = findNodeAtLocation(cell, ['source']);
    const kind: unknown = valueOf(findNodeAtLocation(cell, ['cell_type']));
    const written = sourceOf(source);
    if (source === undefined || written === undefined || written.trim() === '') return [];
    return [
      {
        kind: typeof kind === 'string' ? kind : 'code',
        lines: written.split(/\r\n|\n|\r/),
        from: source.children?.[0]?.offset ?? source.offset,
        to: source.offset + source.length,
      },
    ];
  });
}

/** A list of lines, or one text. */
function sourceOf(source: Node | undefined): string | undefined {
  const value: unknown = valueOf(source);
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  return value.filter((line): line is string => typeof line === 'string').join('');
}

function valueOf(node: Node | undefined): unknown {
  return node === undefined ? undefined : getNodeValue(node);
}

function headingIn({ kind, lines }: Cell): string | undefined {
  if (kind !== 'markdown') return undefined;
  return lines.map((line) => HEADING.exec(line)?.[1]).find((heading) => heading !== undefined);
}

/** Offsets are asked for in rising order. */
function lineCounter(text: string): (offset: number) => number {
  let [line, at] = [1, 0];
  return (offset) => {
    if (offset < at) [line, at] = [1, 0];
    for (; at < offset; at++) if (text.charCodeAt(at) === 10) line++;
    return line;
  };
}

const HEADING = /^ {0,3}#{1,6}[ \t]+(.{1,200}?)[ \t#]*$/;
const MOST_JOINED = 60;
