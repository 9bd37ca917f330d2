import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../extension/src/base/event.ts';

test('a listener that throws reaches neither the one who fires nor the other listeners', async () => {
  const emitter = new Emitter<number>();
  const heard: number[] = [];
  emitter.event(() => {
    throw new Error('mistake of a listener');
  });
  emitter.event((value) => heard.push(value));
  const handlers = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const uncaught = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
  try {
    emitter.fire(1);
    assert.deepEqual(heard, [1]);
    assert.equal((await uncaught).message, 'mistake of a listener', 'and it is not swallowed');
  } finally {
    for (const handler of handlers) process.on('uncaughtException', handler);
  }
});

test('a listener that was disposed hears nothing more, and the others do', () => {
  const emitter = new Emitter<number>();
  const heard: string[] = [];
  const first = emitter.event((value) => heard.push(`first ${value}`));
  emitter.event((value) => heard.push(`second ${value}`));
  emitter.fire(1);
  first.dispose();
  emitter.fire(2);
  assert.deepEqual(heard, ['first 1', 'second 1', 'second 2']);
});
