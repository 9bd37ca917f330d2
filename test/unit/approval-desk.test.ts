import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApprovalDesk } from '../../extension/src/vscode/approvals/desk.ts';

const request = (step: string) => ({
  ...{ run: 'r-1', step, tool: 'shell_run', effect: 'change' as const },
  arguments: { command: 'npm test' },
});

test('several calls wait at once, and each is answered once', async () => {
  const desk = new ApprovalDesk();
  const told: string[] = [];
  desk.onDidChange(({ step }) => told.push(`${step}: ${desk.pending.length} open`));
  const first = desk.ask(request('5'), new AbortController().signal);
  const second = desk.ask(request('6'), new AbortController().signal);
  assert.ok(desk.answer('r-1', '6', { allowed: true, arguments: { command: 'ls' } }));
  assert.deepEqual(await second, { allowed: true, arguments: { command: 'ls' } });
  assert.equal(desk.answer('r-1', '6', { allowed: false }), false, 'somebody was quicker');
  assert.deepEqual(
    desk.pending.map(({ step }) => step),
    ['5'],
  );
  assert.ok(desk.answer('r-1', '5', { allowed: false, reason: 'no' }));
  assert.deepEqual(await first, { allowed: false, reason: 'no' });
  assert.deepEqual(told, ['5: 1 open', '6: 2 open', '6: 1 open', '5: 0 open']);
});

test('a run that is stopped takes its questions with it', async () => {
  const desk = new ApprovalDesk();
  const stop = new AbortController();
  const asked = desk.ask(request('5'), stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(asked, /stopped/);
  assert.equal(desk.find('r-1', '5'), undefined);
  await assert.rejects(desk.ask(request('7'), stop.signal), /stopped/);
  assert.deepEqual(desk.pending, []);
});
