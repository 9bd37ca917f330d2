import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createBudgetDesk,
  isModelError,
  type Bill,
  type Budgets,
  type BudgetDesk,
  type Payer,
} from '../../extension/src/core/models/index.ts';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { openLedger } from '../../extension/src/node/sqlite/index.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { asAgent, startModelServer } from '../support/model-server/index.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import { cliWorld, newestRun } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';

const CENT = 1_000;

interface Priced {
  readonly world: CliWorld;
  readonly server: ModelServer;
}

/** A lead that sets three workers to work at once, who never come to an end. Each call costs a cent. */
async function threeWorkers(t: TestContext, budget: string, budgets: unknown = {}): Promise<Priced> {
  const world = cliWorld(t, { sample: true });
  world.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
  const server = await startModelServer(
    asAgent((messages, _tools, { signal }) => {
      const usage = { input: CENT, output: 0 };
      const system = messages[0] ? textOf(messages[0]) : '';
      const turn = messages.filter(({ role }) => role === 'assistant').length;
      if (!system.includes('You work')) {
        const tasks = ['one', 'two', 'three'];
        const toolCalls = tasks.map((task) => ({
          name: 'agents_run',
          arguments: { agent: 'worker', task },
        }));
        return turn === 0 ? { toolCalls, usage } : { text: 'all done', usage };
      }
      return delay(20, undefined, { signal }).then(() => ({
        toolCalls: [{ name: 'files_search', arguments: { pattern: `word${turn}` } }],
        usage,
      }));
    }),
  );
  t.after(() => server.close());
  const deployment = {
    provider: 'openai',
    model: 'm',
    baseUrl: `${server.url}/v1`,
    price: { input: 10, output: 10 },
  };
  world.write('.strata/models.jsonc', JSON.stringify({ routes: { code: [deployment] }, budgets }));
  world.write(
    '.strata/agents/lead.agent.md',
    `---\nname: lead\ndescription: Leads.\nroute: code\ntools: []\nagents: [worker]\n${budget}memory: false\n---\nYou lead.\n`,
  );
  world.write(
    '.strata/agents/worker.agent.md',
    '---\nname: worker\ndescription: Works.\nroute: code\ntools: [files_search]\nmemory: false\n---\nYou work.\n',
  );
  return { world, server };
}

test('three sub-agents in parallel stop within one call each of a budget of $0.10, and a resume allows as much again', async (t) => {
  const { world, server } = await threeWorkers(t, 'budget: 0.1\n');
  const first = await world.strata('run', 'lead', 'Go', '--yes');
  assert.match(first.out + first.err, /The budget of this run is spent: \$0\.1\d of \$0\.10\./);
  const run = newestRun(world);
  assert.equal(world.view(run).status, 'paused');
  assert.equal(world.view(run).error?.code, 'budget-run');
  const calls = server.requests.length;
  assert.ok(calls >= 10 && calls <= 13, `${calls} calls of a cent each`);
  const second = await world.strata('resume', run, '--yes');
  assert.match(second.out + second.err, /The budget of this run is spent: \$0\.2\d of \$0\.20\./);
  const more = server.requests.length;
  assert.ok(more >= 20 && more <= 23, `${more} calls of a cent each`);
});

test('a budget of the day holds for the next run too', async (t) => {
  const { world, server } = await threeWorkers(t, '', { day: { usd: 0.05 } });
  const first = await world.strata('run', 'lead', 'Go', '--yes');
  assert.match(first.out + first.err, /The budget of today is spent: \$0\.0\d of \$0\.05\./);
  const calls = server.requests.length;
  assert.ok(calls <= 8, `${calls} calls of a cent each`);
  const next = await world.strata('run', 'lead', 'Go again', '--yes');
  assert.match(next.out + next.err, /The budget of today is spent/);
  assert.equal(server.requests.length, calls, 'not one more call');
});

interface Bank {
  readonly desk: BudgetDesk;
  readonly warnings: string[];
  now: number;
  reserve(payer?: Partial<Payer>): ReturnType<BudgetDesk['reserve']>;
}

/** A desk over a ledger in a file of its own, or in `file`. Each call costs ten cents. */
function bank(t: TestContext, budgets: Partial<Budgets>, file?: string): Bank {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-ledger-'));
  const ledger = openLedger(file ?? path.join(folder, 'spending.db'));
  t.after(() => {
    ledger.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const warnings: string[] = [];
  const made: Bank = {
    warnings,
    now: new Date(2026, 0, 31, 23, 59).getTime(),
    desk: createBudgetDesk({
      ledger,
      budgets: { agents: new Map(), routes: new Map(), ...budgets },
      now: () => made.now,
      sleep: (_ms, signal) =>
        delay(1, undefined, { signal }).then(
          () => undefined,
          () => undefined,
        ),
      onWarning: ({ text }) => warnings.push(text),
    }),
    reserve: (payer) =>
      made.desk.reserve(
        { run: 'r', folder: '/w', agent: 'coder', route: 'code', ...payer },
        { usd: 0.1, tokens: 100 },
        AbortSignal.timeout(5_000),
      ),
  };
  return made;
}

const bill = (usd: number): Bill => ({
  deployment: 'd',
  usage: { input: 90, output: 10 },
  cost: { kind: 'priced', usd },
});

async function spend(made: Bank, payer?: Partial<Payer>, usd = 0.1): Promise<void> {
  const reservation = await made.reserve(payer);
  reservation.settle(bill(usd));
  reservation.release();
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isStrataError(error) && !isModelError(error), String(error));
  assert.equal(error.passing, true, 'the run pauses');
  return `${error.code}: ${error.message}`;
}

test('each scope counts its own', async (t) => {
  const limit = { usd: 0.1 };
  const other = { run: 'other', folder: '/other', agent: 'other', route: 'other' };
  const cases: readonly [Partial<Budgets>, Partial<Payer>, string][] = [
    [{ run: limit }, { run: 'other' }, 'budget-run: The budget of this run is spent: $0.10 of $0.10.'],
    [
      { workspace: limit },
      { folder: '/other' },
      'budget-workspace: The budget of this folder for the month is spent: $0.10 of $0.10.',
    ],
    [
      { agents: new Map([['coder', limit]]) },
      { agent: 'other' },
      'budget-agent-coder: The budget of the agent coder for today is spent: $0.10 of $0.10.',
    ],
    [
      { routes: new Map([['code', limit]]) },
      { route: 'other' },
      'budget-route-code: The budget of the route “code” for today is spent: $0.10 of $0.10.',
    ],
    [
      { day: { tokens: 100 } },
      { run: 'none' },
      'budget-day: The budget of today is spent: 100 of 100 tokens.',
    ],
  ];
  for (const [budgets, elsewhere, said] of cases) {
    const made = bank(t, budgets);
    await spend(made);
    assert.equal(await refusal(made.reserve()), said);
    if (budgets.day) assert.equal(await refusal(made.reserve(other)), said, 'whoever asks');
    else await spend(made, elsewhere);
  }
});

test('a new day begins with nothing spent, a new month for the folder', async (t) => {
  const made = bank(t, { day: { usd: 0.1 }, workspace: { usd: 0.2 } });
  await spend(made);
  await refusal(made.reserve());
  made.now += 60_000;
  await spend(made);
  await refusal(made.reserve());
  made.now += 24 * 3_600_000;
  await spend(made);
  made.now += 24 * 3_600_000;
  assert.match(await refusal(made.reserve()), /^budget-workspace/);
});

test('calls that might use up the rest wait for those under way, and nobody is refused before it is spent', async (t) => {
  const made = bank(t, { run: { usd: 0.15 } });
  const first = await made.reserve();
  let admitted = false;
  const second = made.reserve().then((reservation) => {
    admitted = true;
    return reservation;
  });
  await delay(50);
  assert.equal(admitted, false);
  first.settle(bill(0.02));
  first.release();
  const reservation = await second;
  reservation.settle(bill(0.13));
  reservation.release();
  assert.match(await refusal(made.reserve()), /\$0\.15 of \$0\.15/);
});

test('what a process held that has died is free again', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-ledger-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'spending.db');
  const made = bank(t, { run: { usd: 0.15 } }, file);
  const { DatabaseSync } = await import('node:sqlite');
  await spend(made, { run: 'another' });
  const database = new DatabaseSync(file);
  database.exec(
    `INSERT INTO hold (owner_pid, owner_started, day, folder, run, agent, route, usd, tokens)
      VALUES (4194303, '1', '2026-01-31', '/w', 'r', 'coder', 'code', 0.1, 100)`,
  );
  database.close();
  await spend(made);
});

test('at 80 % there is one warning, and none for what has been named', async (t) => {
  const made = bank(t, { day: { usd: 0.5 } });
  for (let calls = 0; calls < 5; calls++) await spend(made);
  assert.deepEqual(made.warnings, ['Strata has spent $0.40 of $0.50 of the budget of today.']);
});

test('where the ledger cannot be kept, the process counts for itself', async (t) => {
  const noFolder = path.join(import.meta.dirname, 'models-budgets.test.ts');
  const made = bank(t, { run: { usd: 0.1 } }, path.join(noFolder, 'spending.db'));
  await spend(made);
  await refusal(made.reserve());
});

test('an unknown price is no money, and its tokens count', async (t) => {
  const made = bank(t, { run: { usd: 0.1, tokens: 150 } });
  for (const _ of [1, 2]) {
    const reservation = await made.reserve();
    reservation.settle({ ...bill(0), cost: { kind: 'unknown' } });
    reservation.release();
  }
  assert.match(await refusal(made.reserve()), /200 of 150 tokens/);
});
