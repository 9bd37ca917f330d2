import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asMarkdown, impersonal } from '../../extension/src/core/doctor/report.ts';

function check(given: string, expected: string, home = '/home/ada'): void {
  assert.equal(impersonal(given, home), expected);
}

test('a bug report names no home folder, no account of an address and no key', () => {
  check('1 MB at /home/ada/.local/share/strata/runs.db', '1 MB at ~/.local/share/strata/runs.db');
  check('C:\\Users\\ada\\x and C:/Users/ada/y', '~\\x and ~/y', 'C:\\Users\\ada');
  check(
    'ssh://ada:secret@far.example/run and https://near.example',
    'ssh://…@far.example/run and https://near.example',
  );
  check('the key sk-ant-abcdefghijklmnop0123 was refused', 'the key sk… was refused');
  check('nothing to hide', 'nothing to hide', '');
});

test('what would break the table is kept in its cell', () => {
  const checks = [
    { name: 'Git', state: 'missing', text: 'a | b\nc', fix: 'Install it.' },
    { name: 'Disk', state: 'ok', text: '3 GB' },
  ] as const;
  assert.equal(
    asMarkdown(checks, '/root'),
    '| | state | |\n|---|---|---|\n| Git | missing | a \\| b c Install it. |\n| Disk | ok | 3 GB |\n',
  );
});
