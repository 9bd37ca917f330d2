import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, safeLine, safeText } from '../../extension/src/cli/style.ts';

function fits(text: string, width: number, expected: string): void {
  test(`${JSON.stringify(text)} in ${width} columns`, () => {
    assert.equal(fit(text, width), expected);
  });
}

fits('ab', 4, 'ab  ');
fits('abcd', 4, 'abcd');
fits('abcde', 4, 'abc…');
fits('abcde', 1, '…');
fits('abcde', 0, '');
fits('漢字', 4, '漢字');
fits('漢字漢', 5, '漢字…');
fits('漢字漢', 4, '漢 …');
fits('🙂🙂', 3, '🙂…');
fits('e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301e\u0301');
fits('e\u0301e\u0301e\u0301', 2, 'e\u0301…');

test('what could move the cursor, set the title or turn the text round does not get through', () => {
  assert.equal(safeText('a\u001b[2Jb\u009b1mc\u0007d\re\u202ef\u2066g'), 'a[2Jb1mcdefg');
  assert.equal(safeText('one\n\ttwo'), 'one\n\ttwo');
  assert.equal(safeLine('one\n\ttwo\u001b'), 'one two');
});
