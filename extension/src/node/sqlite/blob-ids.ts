import type { BlobId } from '../../protocol/run-event.ts';

/**
 * The ids of blobs that the text of an event or of a blob may name: every string in it that is 64 hex digits and nothing else.
 * The hash of a file fits that too; there is no blob under it, or it is kept for longer than it must be. So a new place
 * for ids needs no change here, and no blob is taken away from whoever names it.
 */
export function blobIdsIn(text: string): BlobId[] {
  // A quotation mark inside of a JSON string has a backslash before it.
  return Array.from(text.matchAll(/(?<!\\)"([0-9a-f]{64})"/g), ([, id = '']) => id);
}

/** As `blob.refs` holds them. */
export function refsOf(text: string): string {
  return [...new Set(blobIdsIn(text))].join(' ');
}

export function splitRefs(refs: string): BlobId[] {
  return refs === '' ? [] : refs.split(' ');
}
