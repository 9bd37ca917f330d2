import { join, relative, sep } from 'node:path';
import { findProgram } from '../../programs.ts';
import { ToolFailure } from '../../tool.ts';
import { globToRegExp } from './glob.ts';
import { matchLine, type SearchAnswer, type SearchRequest } from './search-request.ts';
import { maxFileBytes, searchLimitMs, skippedFolders, tooLong } from './search-request.ts';

/**
 * Searches with ripgrep. Undefined when it is not there or does not take the pattern, which is written for JavaScript:
 * then the slower search, which takes all of them, has to do it.
 */
export async function searchWithRipgrep(
  request: SearchRequest & { readonly pattern: NonNullable<SearchRequest['pattern']> },
  signal: AbortSignal,
): Promise<SearchAnswer | undefined> {
  const program = findProgram('rg');
  if (!program || !sameInBoth(request.pattern)) return undefined;
  signal.throwIfAborted();
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { createInterface } = process.getBuiltinModule('node:readline');
  const child = spawn(program, argumentsFor(request), {
    cwd: request.file ? join(request.folder, '..') : request.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let cut: ToolFailure | undefined;
  const cutOff = (why: ToolFailure) => {
    cut ??= why;
    kill();
  };
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill); // It would go on without this process.
  const timer = setTimeout(() => cutOff(tooLong()), searchLimitMs);
  const onAbort = () => cutOff(new ToolFailure('The search was cancelled.'));
  signal.addEventListener('abort', onAbort, { once: true });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString('utf8')}`.slice(0, 4000)));
  const ended = new Promise<number | undefined>((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code ?? undefined));
  });
  try {
    const found = new Found(request);
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) {
      found.take(line);
      if (found.more) break;
    }
    if (found.more) kill();
    const code = await ended;
    if (cut) throw cut;
    // 2 is an error, also when only some file could not be read; a pattern that it does not take finds nothing.
    if (!found.more && code !== 0 && code !== 1 && (code !== 2 || errors.includes('regex parse error')))
      return undefined;
    return found.answer();
  } finally {
    clearTimeout(timer);
    process.off('exit', kill);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Whether both engines understand the same by it. ripgrep refuses look-around and the like, but takes these otherwise. */
function sameInBoth({ source, literal }: NonNullable<SearchRequest['pattern']>): boolean {
  return literal || !/\[\[:|&&|--|~~|\(\?[a-zA-Z-]+[:)]|\\[AzGQEZ<>]/.test(source);
}

function argumentsFor({
  folder,
  file,
  glob,
  pattern,
}: SearchRequest & { readonly pattern: NonNullable<SearchRequest['pattern']> }): string[] {
  const skip = [...skippedFolders].flatMap((name) => ['--glob', `!${name}/`]);
  // A glob that names files alone means the same there; the rest is looked at here.
  const only = glob !== undefined && /^[\w.*?-]+$/.test(glob) ? ['--glob', glob] : [];
  return [
    ...['--json', '--no-config', '--no-messages', '--hidden', '--no-ignore', '--sort', 'path'],
    ...['--max-filesize', String(maxFileBytes), ...(pattern.ignoreCase ? ['--ignore-case'] : [])],
    ...(pattern.literal ? ['--fixed-strings'] : []),
    ...(file ? [] : [...only, ...skip]),
    ...['--regexp', pattern.written, '--'],
    file ? `./${relative(join(folder, '..'), folder)}` : './',
  ];
}

/** Collects matches from ripgrep's JSON lines. */
class Found {
  more = false;
  readonly #request: SearchRequest;
  readonly #glob: RegExp | undefined;
  readonly #lines: string[] = [];
  readonly #files = new Set<string>();

  constructor(request: SearchRequest) {
    this.#request = request;
    this.#glob = request.glob === undefined ? undefined : globToRegExp(request.glob);
  }

  take(json: string): void {
    const event = JSON.parse(json) as RipgrepEvent; // From the program that was just started.
    if (event.type !== 'match') return;
    const shown = this.#shown(textOf(event.data.path));
    if (this.#glob && !this.#glob.test(shown)) return;
    if (this.#lines.length === this.#request.limit) {
      this.more = true;
      return;
    }
    this.#files.add(shown);
    this.#lines.push(matchLine(shown, event.data.line_number, textOf(event.data.lines)));
  }

  answer(): SearchAnswer {
    return { lines: this.#lines, files: this.#files.size, more: this.more };
  }

  #shown(path: string): string {
    if (this.#request.file) return this.#request.shown;
    const below = path.replace(/^\.\//, '').split(sep).join('/');
    return this.#request.shown === '.' ? below : `${this.#request.shown}/${below}`;
  }
}

type Bytes = { readonly text: string } | { readonly bytes: string };
type RipgrepEvent =
  | { readonly type: 'begin' | 'end' | 'summary' | 'context' }
  | {
      readonly type: 'match';
      readonly data: { readonly path: Bytes; readonly lines: Bytes; readonly line_number: number };
    };

function textOf(value: Bytes): string {
  return 'text' in value ? value.text : Buffer.from(value.bytes, 'base64').toString('utf8');
}
