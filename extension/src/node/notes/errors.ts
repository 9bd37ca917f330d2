import { messageOf, StrataError } from '../../base/errors.ts';

export function noteNotFound(id: string): StrataError {
  return new StrataError(
    'note-not-found',
    `There is no note ${id} in .strata/memory.md.`,
    'Its text may have been changed meanwhile; list the notes again.',
  );
}

export function noteEmpty(): StrataError {
  return new StrataError('note-empty', 'A note has a text.', 'Say in one sentence what is to be kept.');
}

export function notesNotTrusted(): StrataError {
  return new StrataError(
    'not-trusted',
    'This folder is not trusted, so nothing is written into it.',
    'Trust the workspace first, with "Workspaces: Manage Workspace Trust".',
  );
}

export function notesUnreadable(file: string, cause: unknown): StrataError {
  return new StrataError(
    'notes-unreadable',
    `The notes cannot be read: ${messageOf(cause)}.`,
    `Check ${file} and its permissions.`,
    { cause },
  );
}

export function notesUnwritable(file: string, cause: unknown): StrataError {
  return new StrataError(
    'notes-unwritable',
    `The notes cannot be written: ${messageOf(cause)}.`,
    `Check ${file} and its permissions.`,
    { cause },
  );
}
