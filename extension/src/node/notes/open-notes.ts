import path from 'node:path';
import type { Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/event.ts';
import {
  NEW_NOTES_FILE,
  noteId,
  notesOf,
  noteText,
  readNotes,
  replaceNote,
  reviseNotes,
  withNotes,
  withoutRuns,
  writeNotes,
  type Episode,
  type Note,
  type NotesDocument,
} from '../../core/memory/index.ts';
import { noteEmpty, noteNotFound, notesNotTrusted, notesUnwritable } from './errors.ts';
import { readNotedIds, writeNotedIds } from './noted-ids.ts';
import { readNotesFile, writeNotesFile } from './notes-file.ts';

export interface NotesOptions {
  readonly folder: string;
  /** Where the ids of what was ever noted are kept. */
  readonly notedFile: string;
  /** Nothing is written into a folder that its person does not trust. */
  readonly mayWrite: () => boolean;
  readonly now: () => number;
}

/** The notes of a folder: `.strata/memory.md`, which people and this program both write. */
export interface Notes extends Disposable {
  readonly file: string;
  list(): Promise<readonly Note[]>;
  /** As a person would write it by hand. */
  add(text: string): Promise<void>;
  edit(id: string, text: string): Promise<void>;
  pin(id: string, pinned: boolean): Promise<void>;
  /** A person says that it is so: it is told to agents from now on. */
  confirm(id: string): Promise<void>;
  /** It is gone from the file, and does not come back by itself. */
  remove(id: string): Promise<void>;
  /** Brings them up to date with earlier runs. Does nothing where it may not write. */
  revise(episodes: readonly Episode[]): Promise<void>;
  /** Takes out what only these runs had told. */
  forgetRuns(runs: readonly string[]): Promise<void>;
  /** What a run has put among them, and a person has applied with the rest of its changes, is an agent's word all the same. */
  adopt(run: string, before: readonly Note[]): Promise<void>;
  /** This process has written them. */
  readonly onDidChange: Event<void>;
}

export function openNotes({ folder, notedFile, mayWrite, now }: NotesOptions): Notes {
  const file = path.join(folder, '.strata', 'memory.md');
  const changed = new Emitter<void>();
  let last: Promise<unknown> = Promise.resolve();

  /** One change after the other; each begins with the file as it is. */
  const change = (
    work: (document: NotesDocument) => NotesDocument | Promise<NotesDocument>,
  ): Promise<void> => {
    const next = last.then(() => changeFile(work));
    last = next.catch(() => undefined); // Its caller hears of it.
    return next;
  };
  const changeFile = async (
    work: (document: NotesDocument) => NotesDocument | Promise<NotesDocument>,
  ): Promise<void> => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = await readNotesFile(file);
      const document = readNotes(before ?? '');
      const next = await work(document);
      if (writeNotes(next) === (before ?? '')) return;
      if (!mayWrite()) throw notesNotTrusted();
      const text = before === undefined ? `${NEW_NOTES_FILE}${writeNotes(next)}` : writeNotes(next);
      if (await writeNotesFile(file, before, text)) {
        changed.fire();
        return;
      }
    }
    throw notesUnwritable(file, new Error('it changes all the time'));
  };
  const changeNote = (id: string, work: (note: Note) => Note): Promise<void> =>
    change((document) => {
      const note = notesOf(document).find((one) => one.id === id);
      if (note === undefined) throw noteNotFound(id);
      return replaceNote(document, id, work(note));
    });
  const noted = async (ids: readonly string[]): Promise<void> => {
    const known = await readNotedIds(notedFile);
    if (ids.some((id) => !known.has(id))) await writeNotedIds(notedFile, new Set([...known, ...ids]));
  };

  return {
    file,
    list: async () => notesOf(readNotes((await readNotesFile(file)) ?? '')),
    add: (text) =>
      change((document) => {
        const note = byHand(text);
        const known = notesOf(document);
        return known.some(({ id }) => id === note.id) ? document : withNotes(document, [...known, note]);
      }),
    edit: async (id, text) => {
      const { id: newId, text: newText } = byHand(text);
      await noted([id]);
      await changeNote(id, (note) => ({ ...note, id: newId, text: newText, confirmed: true }));
    },
    pin: (id, pinned) =>
      changeNote(id, ({ fading: _, ...note }) => ({ ...note, pinned, confirmed: note.confirmed || pinned })),
    confirm: (id) => changeNote(id, ({ fading: _, ...note }) => ({ ...note, confirmed: true })),
    remove: async (id) => {
      await noted([id]);
      await change((document) => {
        const known = notesOf(document);
        if (!known.some((note) => note.id === id)) throw noteNotFound(id);
        return withNotes(
          document,
          known.filter((note) => note.id !== id),
        );
      });
    },
    revise: async (episodes) => {
      if (!mayWrite()) return;
      let known = await readNotedIds(notedFile);
      const before = known;
      await change((document) => {
        const revised = reviseNotes({ notes: notesOf(document), noted: before }, episodes, now());
        known = revised.noted;
        return withNotes(document, revised.notes);
      });
      // Afterwards: one that could not be written is no note yet.
      if (known.size !== before.size || [...known].some((id) => !before.has(id)))
        await writeNotedIds(notedFile, known);
    },
    forgetRuns: (runs) =>
      change((document) => withNotes(document, withoutRuns(notesOf(document), new Set(runs)))),
    adopt: (run, before) => {
      const known = new Set(before.map(({ id }) => id));
      const told = new Set(before.filter(({ confirmed }) => confirmed).map(({ id }) => id));
      return change((document) =>
        withNotes(
          document,
          notesOf(document).map((note): Note => {
            if (known.has(note.id)) return { ...note, confirmed: note.confirmed && told.has(note.id) };
            const { fading: _, ...rest } = note;
            return { ...rest, by: 'agent', confirmed: false, pinned: false, runs: [run], times: 1 };
          }),
        ),
      );
    },
    onDidChange: changed.event,
    dispose: () => changed.dispose(),
  };
}

function byHand(given: string): Note {
  const text = noteText(given);
  if (text === '') throw noteEmpty();
  return { id: noteId(text), text, by: 'person', confirmed: true, pinned: false, runs: [], times: 0 };
}

const TRIES = 3;
