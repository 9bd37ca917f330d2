import { createInterface } from 'node:readline/promises';
import type { Interface } from 'node:readline/promises';
import type { Json } from '../base/json.ts';
import { EXIT } from './exit.ts';

/** What a command may do with the terminal that it runs in. */
export interface Terminal {
  readonly out: NodeJS.WriteStream;
  /** Somebody is there to answer a question. */
  readonly interactive: boolean;
  print(text: string): void;
  /** To standard error, so that output can be piped on. */
  complain(text: string): void;
  /** Prints the value when `--json` was given. */
  printJson(value: Json, argv: readonly string[]): void;
  /** One of the answers; the first letter is enough. Asks again until it is one. */
  ask<T extends string>(question: string, answers: readonly T[], signal?: AbortSignal): Promise<T>;
  /** A line, which begins with `initial` for the person to change. */
  askText(question: string, initial: string, signal?: AbortSignal): Promise<string>;
  /** A question is open: what else is printed would tear it apart. */
  readonly asking: boolean;
}

export function createTerminal(
  input: NodeJS.ReadStream,
  out: NodeJS.WriteStream,
  errors: NodeJS.WriteStream,
): Terminal {
  // A reader that closes early, such as `head`, is no error of ours.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.unread);
    errors.write(`The output cannot be written: ${error.message}.\nCheck where it is sent to.\n`);
    process.exit(EXIT.failed);
  });
  // What cannot be complained of to anybody is left unsaid.
  errors.on('error', () => undefined);
  let open = 0;
  const withLines = async <T>(
    signal: AbortSignal | undefined,
    ask: (lines: Interface, until: { readonly signal: AbortSignal }) => Promise<T>,
  ): Promise<T> => {
    const lines = createInterface({ input, output: out });
    const left = new AbortController();
    // While a question is open, Ctrl-C and Ctrl-D are keys and not signals.
    lines.once('close', () => {
      if (!process.emit('SIGINT', 'SIGINT')) process.exit(EXIT.stopped);
      left.abort();
    });
    open += 1;
    try {
      return await ask(lines, { signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal });
    } finally {
      open -= 1;
      lines.removeAllListeners('close');
      lines.close();
    }
  };
  return {
    out,
    interactive: input.isTTY && out.isTTY,
    print: (text) => void out.write(`${text}\n`),
    complain: (text) => void errors.write(`${text}\n`),
    printJson: (value, argv) => {
      if (argv.includes('--json')) out.write(`${JSON.stringify(value)}\n`);
    },
    get asking() {
      return open > 0;
    },
    ask: (question, answers, signal) =>
      withLines(signal, async (lines, until) => {
        for (;;) {
          const given = await lines.question(`${question} [${answers.join('/')}] `, until);
          const answer = answers.find(
            (word) => given.trim() !== '' && word.startsWith(given.trim().toLowerCase()),
          );
          if (answer) return answer;
        }
      }),
    askText: (question, initial, signal) =>
      withLines(signal, (lines, until) => {
        const answer = lines.question(question, until);
        lines.write(initial);
        return answer;
      }),
  };
}
