import { hashOf } from '../chunking/chunk.ts';
import { noteText, type Note } from './note.ts';
import { BY_HAND, provenanceText, readProvenance } from './provenance.ts';

/** A part of the file: a note with the lines that it stands in, or lines that are none. Lines keep their ends. */
type Block = { readonly note?: Note; readonly lines: readonly string[] };

/**
 * `.strata/memory.md` as it stands on the disk: Markdown, one item of a list per note, with where it comes from in a comment
 * below it. Everything else in the file, and every note that is not changed, stays as a person has written it.
 */
export interface NotesDocument {
  readonly blocks: readonly Block[];
}

export const NEW_NOTES_FILE = [
  '# Memory',
  '',
  'What agents are told about this workspace. Strata adds what people say again and again, and marks what nobody confirmed.',
  'Edit it as you like. Whatever you write yourself stays as it is; an item that you remove does not come back.',
  '',
  '',
].join('\n');

export function readNotes(text: string): NotesDocument {
  const blocks: Block[] = [];
  let fence = false;
  for (const line of text.split(/(?<=\n)/)) {
    if (/^\s*(?:```|~~~)/.test(line)) fence = !fence;
    const last = blocks.at(-1);
    if (!fence && ITEM.test(line)) blocks.push({ note: BEGUN, lines: [line] });
    else if (last?.note !== undefined && INSIDE.test(line))
      blocks.splice(-1, 1, { ...last, lines: [...last.lines, line] });
    else if (last !== undefined && last.note === undefined)
      blocks.splice(-1, 1, { lines: [...last.lines, line] });
    else blocks.push({ lines: [line] });
  }
  return {
    blocks: blocks.map(({ note, lines }) =>
      note === undefined ? { lines } : { note: noteIn(lines), lines },
    ),
  };
}

export function writeNotes({ blocks }: NotesDocument): string {
  return blocks.flatMap(({ lines }) => lines).join('');
}

export function notesOf({ blocks }: NotesDocument): readonly Note[] {
  return blocks.flatMap(({ note }) => (note === undefined ? [] : [note]));
}

/** The document with these notes in place of its own, by id: those that are gone are taken out, new ones follow the last. */
export function withNotes(document: NotesDocument, notes: readonly Note[]): NotesDocument {
  const wanted = new Map(notes.toReversed().map((note) => [note.id, note]));
  const end = lineEnd(document);
  const placed = new Set<string>();
  const blocks = document.blocks.flatMap((block): Block[] => {
    if (block.note === undefined) return [block];
    const note = wanted.get(block.note.id);
    // The same words twice are one note, whose first place is kept up to date.
    if (note === undefined) return [];
    if (placed.has(note.id)) return [block];
    placed.add(note.id);
    return [isUnchanged(block.note, note) ? block : { note, lines: linesOf(note, end) }];
  });
  const added = notes
    .filter(({ id }) => !placed.has(id))
    .map((note) => ({ note, lines: linesOf(note, end) }));
  if (added.length === 0) return { blocks };
  const at = blocks.findLastIndex(({ note }) => note !== undefined) + 1 || blocks.length;
  const before = blocks[at - 1]?.lines.at(-1);
  const gap = before === undefined || before === '' || before.endsWith('\n') ? [] : [{ lines: [end] }];
  return { blocks: [...blocks.slice(0, at), ...gap, ...added, ...blocks.slice(at)] };
}

/** The note in the place of `id`, with other words or marks; its place in the file stays. */
export function replaceNote(document: NotesDocument, id: string, note: Note): NotesDocument {
  const end = lineEnd(document);
  return {
    blocks: document.blocks.map((block) =>
      block.note?.id === id ? { note, lines: linesOf(note, end) } : block,
    ),
  };
}

export function noteId(text: string): string {
  return `n-${hashOf(text).slice(0, 12)}`;
}

function noteIn(lines: readonly string[]): Note {
  const whole = lines.join('').replace(ITEM, '').trim();
  const [, before = '', comment = ''] = COMMENT_LAST.exec(whole) ?? [];
  const provenance = comment === '' ? undefined : readProvenance(comment);
  const text = noteText(provenance === undefined ? whole : before);
  return { id: noteId(text), text, ...(provenance ?? BY_HAND) };
}

function linesOf(note: Note, end: string): readonly string[] {
  const provenance = provenanceText(note);
  return [`- ${note.text}${end}`, ...(provenance === undefined ? [] : [`  <!-- ${provenance} -->${end}`])];
}

/** As the file has it. */
function lineEnd({ blocks }: NotesDocument): string {
  return blocks.some(({ lines }) => lines.some((line) => line.endsWith('\r\n'))) ? '\r\n' : '\n';
}

function isUnchanged(a: Note, b: Note): boolean {
  return a.text === b.text && provenanceText(a) === provenanceText(b);
}

const ITEM = /^[-*+][ \t]+(?=\S)/;
/** Indented lines, and none that is empty: what follows an empty line is no part of a note. */
const INSIDE = /^(?: {2,}|\t)\S/;
const COMMENT_LAST = /^(.*?)<!--((?:(?!-->).)*)-->$/s;
const BEGUN: Note = { id: '', text: '', ...BY_HAND };
