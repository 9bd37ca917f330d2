import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cliWorld, newestRun } from '../support/cli.ts';
import { startReceiver } from '../support/otlp-receiver/index.ts';

const TASK = 'Where is the price of an order worked out?';

test('a run leaves by the variables of OpenTelemetry without content, and comes back from a file as it was', async (t) => {
  const receiver = await startReceiver();
  const world = cliWorld(t, { sample: true });
  world.ending.push(() => void receiver.close());
  world.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.origin;
  world.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'x-team=blue%20one';
  world.env['DOCKER_HOST'] = 'unix:///nowhere.sock';

  const ran = await world.strata('run', 'explorer', TASK);
  assert.equal(ran.code, 0, ran.err || ran.out);
  const run = newestRun(world);
  const [request] = receiver.accepted;
  assert.equal(receiver.accepted.length, 1, ran.err);
  assert.equal(request?.headers['x-team'], 'blue one');
  assert.equal(request.spans.length, world.view(run).steps.length + 1);
  assert.ok(!request.text.includes(TASK), 'what it was about has stayed here');

  const file = path.join(world.workspace, 'trace.json');
  assert.equal((await world.strata('export', run, '--content', '-o', file)).code, 0);
  const imported = await world.strata('import', file, '--json');
  assert.equal(imported.code, 0, imported.err);
  const { runs, unreadable } = JSON.parse(imported.out) as { runs: readonly string[]; unreadable: number };
  assert.deepEqual([runs.length, unreadable], [1, 0]);
  const [copy = ''] = runs;
  const kinds = (id: string) => world.view(id).steps.map((step) => `${step.id} ${step.kind} ${step.name}`);
  assert.deepEqual(kinds(copy), kinds(run));
  assert.deepEqual(world.view(copy).totals, world.view(run).totals);
  assert.equal(world.view(copy).task, TASK);

  const shown = await world.strata('show', copy);
  assert.match(shown.out, /Imported from Strata/);
  const again = await world.strata('replay', copy);
  assert.equal(again.code, 1);
  assert.match(again.out + again.err, /was imported: another program did it/);
  assert.match((await world.strata('rerun', copy)).err, /was imported: another program did it/);
  assert.equal(receiver.all.length, 1, 'what was imported is not exported');
});

test('a file that is no trace is refused in words, with a code', async (t) => {
  const world = cliWorld(t);
  const file = path.join(world.workspace, 'page.html');
  writeFileSync(file, '<html>');
  const refused = await world.strata('import', file);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /There is no OTLP trace in it: it is a page or XML\.\nExport the trace as OTLP/);
  assert.equal((await world.strata('import')).code, 2);
});
