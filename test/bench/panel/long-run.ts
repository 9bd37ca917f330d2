import type { RunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { Lease } from '../../../extension/src/core/orchestration/ports.ts';
import type { ModelUse, Payload, RunEventBody, RunId } from '../../../extension/src/protocol/run-event.ts';

const TURN = 5;

/**
 * Writes a run as agents make them: turns of a model call, two tools at the same time, one that changes a file, and a group of
 * work inside, with contents of `bytes` for each step. Every 40th tool fails.
 */
export function recordLongRun(
  store: RunStore,
  clock: { now: number },
  run: RunId,
  options: { readonly steps: number; readonly bytes: number },
): Lease {
  const { lease } = store.begin(run, {
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
  const batch: RunEventBody[] = [];
  for (let n = 1; n <= options.steps; n += TURN) {
    batch.push(...turn(store, clock, n, options));
    if (batch.length >= 500) store.append(lease, batch.splice(0));
  }
  if (batch.length > 0) store.append(lease, batch);
  return lease;
}

function turn(
  store: RunStore,
  clock: { now: number },
  first: number,
  { steps, bytes }: { readonly steps: number; readonly bytes: number },
): readonly RunEventBody[] {
  const events: RunEventBody[] = [];
  const content = (n: number): Payload => {
    const text = JSON.stringify({ content: [{ type: 'text', text: textOf(n, bytes) }], isError: false });
    return text.length > 512
      ? { blob: store.putBlob(text), bytes: text.length }
      : { inline: { content: [{ type: 'text', text: textOf(n, bytes) }], isError: false } };
  };
  const started = (id: string, kind: 'chat' | 'tool' | 'node', name: string, n: number): RunEventBody => ({
    type: 'step.started',
    step: id,
    kind,
    name,
    effect: kind === 'tool' ? 'contained' : 'read',
    inputHash: 'f'.repeat(64),
    input: { inline: { path: `src/file-${String(n)}.ts` } },
    attempt: 1,
    ...(kind === 'chat' ? { context } : {}),
  });
  for (let n = first; n < first + TURN && n <= steps; n++) {
    const inside = n % TURN === 0;
    const chat = n % TURN === 1;
    const id = inside ? `${String(n - 1)}.1` : String(n);
    const name = chat ? 'code' : n % TURN === 3 ? 'files_edit' : 'files_read';
    events.push(started(id, chat ? 'chat' : inside ? 'node' : 'tool', name, n));
    if (chat) events.push({ type: 'step.note', step: id, level: 'info', text: NOTE });
    const durationMs = chat ? 900 + (n % 11) * 100 : 20 + (n % 7) * 30;
    clock.now += durationMs;
    events.push({
      type: 'step.finished',
      step: id,
      output: content(n),
      durationMs,
      ...(chat ? { model: use(n) } : {}),
      ...(n % 40 === 2 ? { isError: true } : {}),
      ...(n % TURN === 3
        ? { files: { before: 'a'.repeat(40), after: 'b'.repeat(40), paths: [`src/file-${String(n)}.ts`] } }
        : {}),
    });
  }
  return events;
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
