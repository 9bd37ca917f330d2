import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSecretFilter } from '../../../extension/src/core/redaction/index.ts';
import type { SecretFilter } from '../../../extension/src/core/redaction/index.ts';
import { openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { RunEventBody } from '../../../extension/src/protocol/run-event.ts';
import type { Row } from '../support/row.ts';
import { atMost, inform, median } from '../support/row.ts';

const STEPS = 2000;
const ROUNDS = 9;
/** V8 compiles what is called often, and that is paid once in a process; the bare commits have hardly any code to compile. */
const WARM_UP = 6;

/** A step is two commits, one with its beginning and one with its end, in both. */
export function recordingRows(folder: string): Row[] {
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const recorded = record(path.join(folder, `log-${round}.db`));
    ours.push(recorded.cpu);
    bare.push(commit(path.join(folder, `bare-${round}.db`), recorded.texts));
  }
  const ratios = ours.map((cpu, round) => cpu / (bare[round] ?? 1));
  return [
    inform('CPU to record a step durably', 'µs', median(ours.slice(WARM_UP)) / STEPS),
    inform('CPU of the bare commits of the same bytes', 'µs', median(bare.slice(WARM_UP)) / STEPS),
    inform(`The first ${STEPS} steps of a process, times the bare commits`, '×', ratios[0] ?? 0),
    atMost('CPU to record a step, times the bare commits', '×', 1.3, median(ratios.slice(WARM_UP))),
  ];
}

function bodies(step: number): readonly [RunEventBody, RunEventBody] {
  const id = String(step);
  const text = `step ${id} `.repeat(40);
  const common = { inputHash: 'e'.repeat(64), input: { inline: { text } }, attempt: 1 };
  const model = {
    ...{
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      usage: { input: 900, output: 80, cacheRead: 700 },
    },
    ...{ cost: { kind: 'priced', usd: 0.004 } as const, firstTokenMs: 410 },
  };
  return [
    { type: 'step.started', step: id, kind: 'chat', name: 'code', effect: 'read', ...common },
    { type: 'step.finished', step: id, output: { inline: { text } }, durationMs: 900, model },
  ];
}

function record(file: string): { readonly cpu: number; readonly texts: readonly string[] } {
  const store = openRunStore(file, Date.now, knownSecrets());
  const { lease } = store.begin('r-bench', {
    ...{ type: 'run.started', origin: { kind: 'user' }, agent: 'coder', task: 'a task', folder: '/w' },
    ...{ route: 'code', isolation: 'copy', input: { inline: 1 }, strata: 'bench' },
  });
  const all = Array.from({ length: STEPS }, (_, step) => bodies(step));
  const cpu = cpuOf(() => {
    for (const pair of all) for (const body of pair) store.append(lease, [body]);
  });
  const texts = store.read('r-bench', 1).map((event) => JSON.stringify(event));
  store.release(lease);
  store.dispose();
  return { cpu, texts };
}

function commit(file: string, texts: readonly string[]): number {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE event (run TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID`);
  const [begin, insert, end] = [
    database.prepare('BEGIN IMMEDIATE'),
    database.prepare('INSERT INTO event (run, seq, body) VALUES (?, ?, ?)'),
    database.prepare('COMMIT'),
  ];
  const cpu = cpuOf(() => {
    for (const [seq, text] of texts.entries()) {
      begin.run();
      insert.run('r-bench', seq, text);
      end.run();
    }
  });
  database.close();
  return cpu;
}

/** As many as a person with two providers and a server that needs a token has. */
function knownSecrets(): SecretFilter {
  const secrets = createSecretFilter();
  for (const name of ['openai', 'anthropic', 'GITHUB_TOKEN']) {
    secrets.know(name, `${name}-${'4f1c9a7e'.repeat(5)}`);
  }
  return secrets;
}

/** Microseconds. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
