export { openNotes, type Notes, type NotesOptions } from './open-notes.ts';
