import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'node:test';
import type { Memory } from '../../extension/src/core/memory/index.ts';
import { openMemory, type MemoryOptions, type OpenedMemory } from '../../extension/src/node/lancedb/index.ts';

export const childPath = fileURLToPath(new URL('../../extension/src/node/lancedb/child.ts', import.meta.url));

/** A workspace folder and its memory on a temporary disk place; both are gone after the test. */
export interface Place {
  readonly folder: string;
  readonly storageDir: string;
  open(options?: Partial<MemoryOptions>): OpenedMemory;
  write(files: Readonly<Record<string, string | Uint8Array>>): void;
  remove(file: string): void;
}

export function place(t: TestContext, at = mkdtempSync(path.join(tmpdir(), 'strata-memory-'))): Place {
  const [folder, storageDir] = [path.join(at, 'folder'), path.join(at, 'storage')];
  const opened: Memory[] = [];
  mkdirSync(folder);
  t.after(async () => {
    await Promise.all(opened.map((memory) => memory.dispose()));
    rmSync(at, { recursive: true, force: true });
  });
  return {
    folder,
    storageDir,
    open(options = {}) {
      const memory = openMemory({ folder, storageDir, childPath, ...options });
      opened.push(memory);
      return memory;
    },
    write(files) {
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), content);
      }
    },
    remove: (file) => rmSync(path.join(folder, file), { recursive: true }),
  };
}

export const limit = (): AbortSignal => AbortSignal.timeout(200_000);

/** `path:first-last symbol` of each hit. */
export async function found(memory: Memory, query: string): Promise<string[]> {
  const hits = await memory.search(query, { limit: 10, signal: limit() });
  return hits.map(
    (hit) => `${hit.path}:${String(hit.startLine)}-${String(hit.endLine)} ${hit.symbol ?? '·'}`,
  );
}

/** The memory processes of this test's own process; undefined where the system does not tell. */
export function memoryProcesses(): number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const threads = readdirSync('/proc/self/task');
  const children = threads.flatMap((thread) => childrenOf(thread));
  return children.filter((pid) => commandOf(pid).includes('child.ts'));
}

function childrenOf(thread: string): number[] {
  return readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
  } catch {
    return ''; // It has ended meanwhile.
  }
}
