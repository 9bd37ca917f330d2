import type { Arguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** Does what a command is for and answers with the exit code. */
export type Perform = (given: Arguments, terminal: Terminal) => Promise<number>;
