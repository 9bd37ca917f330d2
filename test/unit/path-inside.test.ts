import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathInside } from '../../extension/src/node/path-inside.ts';

const folder = path.resolve('work', 'shop');
function check(file: string, expected: string | undefined): void {
  test(`${file} is ${expected === undefined ? 'no file of the folder' : `${expected} in the folder`}`, () => {
    assert.equal(pathInside(folder, path.resolve(folder, file)), expected);
  });
}
check('src/cart.js', 'src/cart.js');
check('..draft.md', '..draft.md');
check('..notes/plan.md', '..notes/plan.md');
check('.', undefined);
check('..', undefined);
check('../other/cart.js', undefined);
check('../shop-2/cart.js', undefined);
