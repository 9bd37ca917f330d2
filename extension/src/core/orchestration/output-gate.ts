/**
 * Streamed text is committed in pieces: one event per token would cost more than the model call. The first piece waits
 * for the interval too, so that a fast answer adds no event at all.
 */
const INTERVAL_MS = 150;
const PIECE_CHARACTERS = 4096;

export interface OutputGate {
  readonly write: (text: string) => void;
  readonly isOpen: () => boolean;
  /** Nothing passes after this; what is still held back is in the step's output. */
  readonly close: () => void;
}

export function createOutputGate(now: () => number, pass: (text: string) => void): OutputGate {
  let held = '';
  let passedAt = now();
  let open = true;
  return {
    write: (text) => {
      if (!open) return;
      held += text;
      if (held.length < PIECE_CHARACTERS && now() - passedAt < INTERVAL_MS) return;
      const piece = held;
      held = '';
      passedAt = now();
      pass(piece);
    },
    isOpen: () => open,
    close: () => {
      open = false;
    },
  };
}
