import { createHash } from 'node:crypto';
import { RUN_EVENT_VERSION } from '../../../extension/src/protocol/run-event.ts';
import type { ExportedRun } from '../../../extension/src/node/sqlite/index.ts';
import type {
  BlobId,
  ModelUse,
  Payload,
  RunEvent,
  RunEventBody,
  RunId,
} from '../../../extension/src/protocol/run-event.ts';

const TURN = 5;
const START = Date.UTC(2026, 0, 1);

/**
 * A run as agents make them: turns of a model call, two reading tools at the same time, one that changes a file, and work inside
 * of another step, with contents of `bytes` for each step. Every 40th tool fails.
 */
export function longRun(
  run: RunId,
  { steps, bytes }: { readonly steps: number; readonly bytes: number },
): ExportedRun {
  const events: RunEvent[] = [];
  const blobs = new Map<BlobId, string>();
  const append = (at: number, body: RunEventBody): void => {
    events.push({ v: RUN_EVENT_VERSION, run, seq: events.length + 1, at, ...body });
  };
  const content = (n: number): Payload => {
    const value = { content: [{ type: 'text', text: textOf(n, bytes) }], isError: false };
    const text = JSON.stringify(value);
    if (text.length <= 512) return { inline: value };
    const blob = createHash('sha256').update(text).digest('hex');
    blobs.set(blob, text);
    return { blob, bytes: Buffer.byteLength(text) };
  };
  append(START, {
    type: 'run.started',
    origin: { kind: 'user' },
    agent: 'coder',
    task: 'Port the project to the new interface',
    folder: '/w',
    route: 'code',
    isolation: 'copy',
    input: { inline: { task: 'Port the project to the new interface' } },
    strata: 'bench',
  });
  let now = START;
  for (let first = 1; first <= steps; first += TURN) {
    const ends: (readonly [at: number, body: RunEventBody])[] = [];
    for (let n = first; n < first + TURN && n <= steps; n++) {
      const turn = n - first;
      const chat = turn === 0;
      const step = turn === 4 ? `${String(n - 1)}.1` : String(n);
      const durationMs = chat ? 900 + (n % 11) * 100 : turn === 3 ? 400 : 20 + (n % 7) * 30;
      append(now, {
        type: 'step.started',
        step,
        kind: chat ? 'chat' : 'tool',
        name: chat ? 'code' : (['files_read', 'files_read', 'shell_run', 'files_edit'][turn - 1] ?? ''),
        effect: chat ? 'read' : 'contained',
        inputHash: 'f'.repeat(64),
        input: { inline: { path: `src/file-${String(n)}.ts` } },
        attempt: 1,
        ...(chat ? { context } : {}),
      });
      if (chat) append(now, { type: 'step.note', step, level: 'info', text: NOTE });
      ends.push([
        now + durationMs,
        {
          ...{ type: 'step.finished', step, output: content(n), durationMs },
          ...(chat ? { model: use(n) } : {}),
          ...(n % 40 === 2 ? { isError: true } : {}),
          ...(turn === 4 ? { files: changeOf(n) } : {}),
        },
      ]);
      // The second tool begins beside the first one, and the last step inside of the one before it.
      if (turn === 0 || turn === 2)
        for (const [at, end] of ends.splice(0)) append((now = Math.max(now, at)), end);
    }
    ends.sort(([a], [b]) => a - b);
    for (const [at, end] of ends) append((now = Math.max(now, at)), end);
  }
  return { events, blobs };
}

function changeOf(n: number) {
  return { before: 'a'.repeat(40), after: 'b'.repeat(40), paths: [`src/file-${String(n % 2000)}.ts`] };
}

const NOTE = 'Route code: anthropic/claude-sonnet-4-5, the first that is ready.';

const context = {
  budget: 150_000,
  tokens: 48_000,
  sections: [
    { section: 'system', messages: 1, tokens: 3000 },
    { section: 'task', messages: 1, tokens: 400 },
    { section: 'recent', messages: 60, tokens: 44_600 },
  ],
  leftOut: { messages: 0, tokens: 0 },
} as const;

function use(n: number): ModelUse {
  return {
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    usage: { input: 20_000 + (n % 100) * 150, output: 200 + (n % 50) * 10, cacheRead: 17_000 },
    cost: { kind: 'priced', usd: 0.011 + (n % 30) / 10_000 },
    firstTokenMs: 400,
  };
}

/** Text of about so many characters that differs from step to step. */
function textOf(n: number, bytes: number): string {
  const line = `Line of step ${String(n)}: export function total(items: readonly Item[]): number;\n`;
  return line.repeat(Math.max(1, Math.round(bytes / line.length)));
}
