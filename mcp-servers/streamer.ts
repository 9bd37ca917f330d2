const streamedLimit = 256 * 1024;

/** Passes text on in pieces of at most ten a second, and no more than the first 256 KiB of it. */
export function streamer(onOutput: (text: string) => void): (text: string) => void {
  let pending = '';
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    if (pending === '') return;
    onOutput(pending);
    pending = '';
  };
  return (text) => {
    const piece = text.slice(0, streamedLimit - sent);
    if (piece === '') return;
    sent += piece.length;
    pending += piece;
    timer ??= setTimeout(flush, 100).unref();
  };
}
