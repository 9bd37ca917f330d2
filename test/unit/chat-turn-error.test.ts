import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEnd } from '../../extension/src/core/orchestration/index.ts';
import { turnError } from '../../extension/src/vscode/chat/close-turn.ts';

function check(title: string, end: RunEnd, isOpen: boolean, expected: string | undefined): void {
  test(title, () => {
    assert.equal(turnError(end, { isOpen })?.message, expected);
  });
}
const ended = (status: 'succeeded' | 'stopped' | 'failed', error?: Error): RunEnd => ({
  ...{ run: 'r-1', status, answer: undefined, error },
});
const gone =
  'The run was stopped, because its folder was taken out of this window. Add the folder again to look at what it did.';
check('a run that succeeded leaves no error', ended('succeeded'), true, undefined);
check('one that was stopped says so', ended('stopped'), true, 'The run was stopped.');
check('one that failed says why', ended('failed', new Error('no model')), true, 'no model');
check('one whose folder was taken away says that', ended('stopped'), false, gone);
check('also where that made it fail', ended('failed', new Error('database is not open')), false, gone);
check(
  'one that succeeded before its folder was taken away is left alone',
  ended('succeeded'),
  false,
  undefined,
);
