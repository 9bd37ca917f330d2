/** A command as `.mcp.json` has it. */
export interface Command {
  readonly command: string;
  readonly arguments: readonly string[];
}

/** One option of a command line, with its value if it has one. */
export interface Option {
  /** As it is spelled: `-e`, `--env`. */
  readonly name: string;
  readonly value?: string;
}

export interface OptionsAndRest {
  readonly options: readonly Option[];
  /** From the first word that is no option; a `--` before it is left out. */
  readonly rest: readonly string[];
}

/**
 * Reads options up to the first word that is none, as most programs do: `--name value`, `--name=value`, `-n value`,
 * `-nvalue`, and several letters in one (`-it`).
 *
 * @param takesValue Names of the options that have a value.
 */
export function readOptions(words: readonly string[], takesValue: ReadonlySet<string>): OptionsAndRest {
  const options: Option[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (word === '--') return { options, rest: words.slice(at + 1) };
    if (!word.startsWith('-') || word === '-') break;
    at += 1;
    const read = word.startsWith('--') ? readLong(word, takesValue) : readShort(word, takesValue);
    options.push(...read.options);
    if (read.open === undefined) continue;
    const value = words[at];
    at += 1;
    options.push(value === undefined ? { name: read.open } : { name: read.open, value });
  }
  return { options, rest: words.slice(at) };
}

interface ReadWord {
  readonly options: readonly Option[];
  /** An option whose value is the next word. */
  readonly open?: string;
}

function readLong(word: string, takesValue: ReadonlySet<string>): ReadWord {
  const equals = word.indexOf('=');
  if (equals > 0) return { options: [{ name: word.slice(0, equals), value: word.slice(equals + 1) }] };
  return takesValue.has(word) ? { options: [], open: word } : { options: [{ name: word }] };
}

function readShort(word: string, takesValue: ReadonlySet<string>): ReadWord {
  const options: Option[] = [];
  for (let i = 1; i < word.length; i += 1) {
    const name = `-${word.charAt(i)}`;
    if (!takesValue.has(name)) {
      options.push({ name });
      continue;
    }
    const value = word.slice(i + 1).replace(/^=/, '');
    return value === '' ? { options, open: name } : { options: [...options, { name, value }] };
  }
  return { options };
}

/** `/usr/local/bin/npx`, `C:\nodejs\npx.cmd` and `npx` are one program. */
export function programName(command: string): string {
  const name = command.split(/[\\/]/).at(-1) ?? command;
  return name.replace(/\.(?:exe|cmd|bat|ps1)$/i, '').toLowerCase();
}

/** A value that is filled in from somewhere else: `${TOKEN}`, `${env:TOKEN}`, `${input:token}`, `$TOKEN`. */
export function isPlaceholder(value: string): boolean {
  return /\$\{(?!workspaceFolder\b)[^}]+\}|^\$\w+$/.test(value);
}
