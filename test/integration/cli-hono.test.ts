import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cliWorld, containersGone } from '../support/cli.ts';
import { npmPack } from '../support/npm-package.ts';

test('a real repository from npm is indexed, searched and worked on, end to end', async (t) => {
  const world = cliWorld(t);
  const archive = npmPack(t, 'hono', path.dirname(world.workspace));
  if (archive === undefined) return;
  execFileSync('tar', ['-xzf', archive, '-C', world.workspace, '--strip-components=1']);

  const index = await world.strata('index', '--json');
  assert.equal(index.code, 0, index.err);
  const report = JSON.parse(index.out) as { files: number; chunks: number };
  assert.ok(report.files > 300 && report.chunks > 1500, index.out);

  const search = await world.strata('search', 'parse cookie header', '--json');
  const hits = JSON.parse(search.out) as { path: string }[];
  assert.ok(
    hits.slice(0, 5).some((hit) => /cookie/.test(hit.path)),
    search.out.slice(0, 500),
  );

  const run = await world.strata('run', 'explorer', 'Where is the cookie header parsed?', '--json');
  assert.equal(run.code, 0, run.err || run.out);
  const end = JSON.parse(run.out) as { run: string; answer: string };
  const links = [...end.answer.matchAll(/`([^`\n]+):(\d+)`: `(.*)`/g)];
  assert.ok(links.length > 0, end.answer);
  for (const [, file = '', line = '', quoted = ''] of links) {
    const text = readFileSync(path.join(world.workspace, file), 'utf8').split('\n')[Number(line) - 1] ?? '';
    assert.ok(text.includes(quoted.replace(/…$/, '')), `${file}:${line} says ${text}`);
  }
  assert.deepEqual(
    world.view(end.run).steps.filter(({ files }) => files),
    [],
    'it changed nothing',
  );
  assert.ok(await containersGone(end.run));
  assert.match((await world.strata('replay', end.run)).out, /equal to the recording/);
});
