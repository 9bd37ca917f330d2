import { lstat } from 'node:fs/promises';
import { stringArgument, ToolFailure, type Arguments } from '../../tool.ts';
import type { FileChange } from './change-set.ts';
import { asFailure, codeOf, shownPath, writablePath } from './paths.ts';
import { readReplacement, replaceExactly } from './replacement.ts';
import { readBytes } from './text-file.ts';

export interface Plan {
  readonly files: readonly FileChange[];
  /** One line for each operation. */
  readonly done: readonly string[];
}

/** What the operations come to, worked out in memory. Throws with every mistake in them, and nothing was changed. */
export async function planChanges(root: string, operations: readonly Arguments[]): Promise<Plan> {
  const draft = new Draft(root);
  const done: string[] = [];
  const mistakes: string[] = [];
  for (const [i, operation] of operations.entries()) {
    try {
      done.push(await plan(draft, operation));
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
      mistakes.push(`Operation ${i + 1}: ${error.message}`);
    }
  }
  if (mistakes.length > 0) throw new ToolFailure(`Nothing was changed. ${mistakes.join('\n')}`);
  return { files: draft.changes(), done };
}

async function plan(draft: Draft, operation: Arguments): Promise<string> {
  const action = stringArgument(operation, 'action');
  const path = stringArgument(operation, 'path');
  switch (action) {
    case 'edit': {
      const before = await draft.text(path);
      const { after, where } = replaceExactly(before, readReplacement(operation));
      return `Replaced ${where} of ${await draft.put(path, after)}.`;
    }
    case 'create':
      if (await draft.has(path)) throw new ToolFailure(`"${path}" exists already.`);
      return `Created ${await draft.put(path, stringArgument(operation, 'text'))}.`;
    case 'replace':
      await draft.read(path);
      return `Replaced all of ${await draft.put(path, stringArgument(operation, 'text'))}.`;
    case 'delete':
      await draft.read(path);
      return `Deleted ${await draft.remove(path)}.`;
    case 'move': {
      const to = stringArgument(operation, 'to');
      const file = await draft.read(path);
      if (await draft.has(to)) throw new ToolFailure(`"${to}" exists already.`);
      const target = await draft.put(to, file.bytes, file.mode);
      return `Moved ${await draft.remove(path)} to ${target}.`;
    }
    default:
      throw new ToolFailure(
        `There is no action "${action}". There are: edit, create, replace, delete, move.`,
      );
  }
}

interface FileState {
  readonly bytes: Buffer;
  readonly mode: number;
}

/** The files as the operations so far would leave them, over those on the disk. */
class Draft {
  readonly #root: string;
  /** By real path; `undefined` stands for no file. */
  readonly #before = new Map<string, FileState | undefined>();
  readonly #after = new Map<string, FileState | undefined>();
  readonly #names = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  async has(path: string): Promise<boolean> {
    return (await this.#state(path)).state !== undefined;
  }

  async read(path: string): Promise<FileState> {
    const { state } = await this.#state(path);
    if (!state) throw new ToolFailure(`"${path}" does not exist.`);
    return state;
  }

  async text(path: string): Promise<string> {
    const { bytes } = await this.read(path);
    if (bytes.subarray(0, 8000).includes(0))
      throw new ToolFailure(`"${path}" is a binary file of ${bytes.length} bytes.`);
    return bytes.toString('utf8');
  }

  /** Returns the path as callers write it. */
  async put(path: string, content: string | Buffer, mode?: number): Promise<string> {
    const { real, state } = await this.#state(path);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#after.set(real, { bytes, mode: mode ?? state?.mode ?? 0o644 });
    return shownPath(this.#root, real);
  }

  async remove(path: string): Promise<string> {
    const { real } = await this.#state(path);
    this.#after.set(real, undefined);
    return shownPath(this.#root, real);
  }

  changes(): readonly FileChange[] {
    return [...this.#after].map(([real, after]) => ({
      real,
      path: this.#names.get(real) ?? real,
      before: this.#before.get(real),
      after,
    }));
  }

  async #state(path: string): Promise<{ readonly real: string; readonly state: FileState | undefined }> {
    const real = await writablePath(this.#root, path);
    if (!this.#before.has(real)) {
      this.#before.set(real, await onDisk(real, path));
      this.#names.set(real, path);
    }
    return { real, state: this.#after.has(real) ? this.#after.get(real) : this.#before.get(real) };
  }
}

async function onDisk(real: string, path: string): Promise<FileState | undefined> {
  const mode = await lstat(real).then(
    (found) => found.mode & 0o777,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw asFailure(error, path);
    },
  );
  if (mode === undefined) return undefined;
  return { bytes: await readBytes(real, path), mode };
}
