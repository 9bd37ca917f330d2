/**
 * The job was done · it was not · the command was wrong · the run waits for somebody · it was stopped (128 + SIGINT) ·
 * whoever read the output has closed it (128 + SIGPIPE).
 */
export const EXIT = { done: 0, failed: 1, usage: 2, waits: 3, stopped: 130, unread: 141 } as const;
