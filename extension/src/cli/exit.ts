/** The job was done · it was not · the command was wrong · the run waits for somebody · it was stopped (128 + SIGINT). */
export const EXIT = { done: 0, failed: 1, usage: 2, waits: 3, stopped: 130 } as const;
