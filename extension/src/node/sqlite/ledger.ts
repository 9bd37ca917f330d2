import type { DatabaseSync } from 'node:sqlite';
import type { Disposable } from '../../base/disposable.ts';
import {
  judge,
  NOTHING_SPENT,
  raised,
  shareOf,
  spentOf,
  type BudgetScope,
  type Estimate,
  type Ledger,
  type NearLimit,
  type Payer,
  type Spent,
} from '../../core/models/index.ts';
import { isAlive, thisProcess } from './owner.ts';
import { openSideDatabase } from './side-database.ts';

const FORMAT = 1;
const TABLES = `
  CREATE TABLE IF NOT EXISTS spent (
    day TEXT NOT NULL,
    folder TEXT NOT NULL,
    run TEXT NOT NULL,
    agent TEXT NOT NULL,
    route TEXT NOT NULL,
    deployment TEXT NOT NULL,
    calls INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    usd REAL NOT NULL,
    unpriced INTEGER NOT NULL,
    PRIMARY KEY (day, folder, run, agent, route, deployment)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS spent_by_run ON spent (run);
  CREATE TABLE IF NOT EXISTS hold (
    id INTEGER PRIMARY KEY,
    owner_pid INTEGER NOT NULL,
    owner_started TEXT NOT NULL,
    day TEXT NOT NULL,
    folder TEXT NOT NULL,
    run TEXT NOT NULL,
    agent TEXT NOT NULL,
    route TEXT NOT NULL,
    usd REAL NOT NULL,
    tokens INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS allowed (
    what TEXT PRIMARY KEY,
    times INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS named (what TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`;

/**
 * What all windows and terminals of a user spend together, so that no two of them spend the same money. The run log says
 * what each run has cost; a run that is removed there has still been paid. Where the file cannot be used, each process
 * counts for itself.
 */
export function openLedger(path: string): Ledger & Disposable {
  const options = { format: FORMAT, tables: TABLES, busyMs: 2_000 };
  const shared = openSideDatabase(path, options);
  const own = openSideDatabase(':memory:', options);
  const use = <T extends object | number>(work: (database: DatabaseSync) => T): T => {
    const done = shared.use(work) ?? own.use(work);
    if (done === undefined) throw new Error('Broken invariant: the ledger was closed while calls are made.');
    return done;
  };
  const whole = <T extends object | number>(work: (database: DatabaseSync) => T): T =>
    use((database) => {
      database.exec('BEGIN IMMEDIATE');
      const done = work(database);
      database.exec('COMMIT');
      return done;
    });

  return {
    admit: (payer, estimate, limits, now) =>
      whole((database) => {
        for (const at of limits) {
          const limit = raised(at.limit, allowedTimes(database, at.scope, payer, now));
          const spent = spentUnder(database, at.scope, payer, now);
          let held = heldUnder(database, at.scope, payer, now);
          if (judge({ limit, spent, ...held }, estimate) === 'wait' && dropDead(database))
            held = heldUnder(database, at.scope, payer, now);
          const verdict = judge({ limit, spent, ...held }, estimate);
          if (verdict === 'spent') return { kind: 'spent', at, limit, spent };
          if (verdict === 'wait') return { kind: 'wait' };
        }
        return { kind: 'admitted', hold: { id: takeHold(database, payer, estimate, now), payer } };
      }),
    settle: ({ payer }, bill, now) => {
      const { calls, tokens, usd, unpriced } = spentOf(bill);
      use((database) =>
        database
          .prepare(
            `INSERT INTO spent VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
              calls = calls + excluded.calls, tokens = tokens + excluded.tokens,
              usd = usd + excluded.usd, unpriced = unpriced + excluded.unpriced`,
          )
          .run(dayOf(now), ...valuesOf(payer), bill.deployment, calls, tokens, usd, unpriced),
      );
    },
    release: ({ id }) => {
      use((database) => database.prepare('DELETE FROM hold WHERE id = ?').run(id));
    },
    newlyNear: (payer, limits, share, now) =>
      whole((database) =>
        limits.flatMap((at): NearLimit[] => {
          const limit = raised(at.limit, allowedTimes(database, at.scope, payer, now));
          const spent = spentUnder(database, at.scope, payer, now);
          if (shareOf(limit, spent) < share) return [];
          const what = `${keyOf(at.scope, payer, now)} ${JSON.stringify(limit)}`;
          const { changes } = database.prepare('INSERT OR IGNORE INTO named VALUES (?)').run(what);
          return changes === 0 ? [] : [{ at, limit, spent }];
        }),
      ),
    spentUnder: (scope, payer, now) => use((database) => spentUnder(database, scope, payer, now)),
    spentByDeployment: (folder, now) =>
      use((database) => {
        const rows = database
          .prepare(`SELECT deployment, ${SUMS} FROM spent WHERE day = ? AND folder = ? GROUP BY deployment`)
          .all(dayOf(now), folder);
        return new Map(rows.map((row) => [String(row['deployment']), spentIn(row)]));
      }),
    allowed: (scope, payer, now) => use((database) => allowedTimes(database, scope, payer, now)),
    allowMore: (scope, payer, now) => {
      use((database) =>
        database
          .prepare('INSERT INTO allowed VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1')
          .run(keyOf(scope, payer, now)),
      );
    },
    dispose: () => {
      shared.dispose();
      own.dispose();
    },
  };
}

const SUMS = 'sum(calls) AS calls, sum(tokens) AS tokens, sum(usd) AS usd, sum(unpriced) AS unpriced';

/** What a scope counts, as a condition on `spent` and `hold`, which name the payer alike. */
function conditionOf(scope: BudgetScope, payer: Payer, now: number): readonly [string, ...string[]] {
  const { run, folder, agent, route } = payer;
  const day = dayOf(now);
  switch (scope) {
    case 'run':
      return ['run = ?', run];
    case 'day':
      return ['day = ?', day];
    case 'workspace':
      return ['day BETWEEN ? AND ? AND folder = ?', `${monthOf(now)}-01`, `${monthOf(now)}-31`, folder];
    case 'agent':
      return ['day = ? AND folder = ? AND agent = ?', day, folder, agent];
    case 'route':
      return ['day = ? AND folder = ? AND route = ?', day, folder, route];
  }
}

/** Names a scope and its period. */
function keyOf(scope: BudgetScope, { run, folder, agent, route }: Payer, now: number): string {
  const period = scope === 'run' ? run : scope === 'workspace' ? monthOf(now) : dayOf(now);
  const name = {
    run: '',
    day: '',
    workspace: folder,
    agent: `${folder} ${agent}`,
    route: `${folder} ${route}`,
  }[scope];
  return `${scope} ${period} ${name}`;
}

function spentUnder(database: DatabaseSync, scope: BudgetScope, payer: Payer, now: number): Spent {
  const [condition, ...values] = conditionOf(scope, payer, now);
  const row = database.prepare(`SELECT ${SUMS} FROM spent WHERE ${condition}`).get(...values);
  return row ? spentIn(row) : NOTHING_SPENT;
}

function spentIn(row: Readonly<Record<string, unknown>>): Spent {
  const of = (name: string): number => Number(row[name] ?? 0);
  return { calls: of('calls'), tokens: of('tokens'), usd: of('usd'), unpriced: of('unpriced') };
}

function heldUnder(
  database: DatabaseSync,
  scope: BudgetScope,
  payer: Payer,
  now: number,
): { readonly held: Estimate; readonly holds: number } {
  const [condition, ...values] = conditionOf(scope, payer, now);
  const row = database
    .prepare(`SELECT count(*) AS n, sum(usd) AS usd, sum(tokens) AS tokens FROM hold WHERE ${condition}`)
    .get(...values);
  return {
    held: { usd: Number(row?.['usd'] ?? 0), tokens: Number(row?.['tokens'] ?? 0) },
    holds: Number(row?.['n'] ?? 0),
  };
}

/** Calls of processes that have ended hold nothing. Returns whether there were any. */
function dropDead(database: DatabaseSync): boolean {
  const owners = database.prepare('SELECT DISTINCT owner_pid, owner_started FROM hold').all();
  let dropped = false;
  for (const row of owners) {
    const [pid, started] = [Number(row['owner_pid']), String(row['owner_started'])];
    if (isAlive({ pid, started })) continue;
    database.prepare('DELETE FROM hold WHERE owner_pid = ? AND owner_started = ?').run(pid, started);
    dropped = true;
  }
  return dropped;
}

function takeHold(database: DatabaseSync, payer: Payer, { usd, tokens }: Estimate, now: number): number {
  const { pid, started } = thisProcess();
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO hold (owner_pid, owner_started, day, folder, run, agent, route, usd, tokens)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(pid, started, dayOf(now), ...valuesOf(payer), usd, Math.round(tokens));
  return Number(lastInsertRowid);
}

function valuesOf({ folder, run, agent, route }: Payer): readonly [string, string, string, string] {
  return [folder, run, agent, route];
}

function allowedTimes(database: DatabaseSync, scope: BudgetScope, payer: Payer, now: number): number {
  const row = database.prepare('SELECT times FROM allowed WHERE what = ?').get(keyOf(scope, payer, now));
  return Number(row?.['times'] ?? 0);
}

/** Of the calendar that hangs on the user's wall. */
function dayOf(now: number): string {
  const date = new Date(now);
  return `${monthOf(now)}-${String(date.getDate()).padStart(2, '0')}`;
}

function monthOf(now: number): string {
  const date = new Date(now);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
}
