import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isKnownEvent } from '../../extension/src/protocol/known-event.ts';
import { runEventSchema } from '../../extension/src/protocol/run-event-schema.ts';

const file = new URL('../fixtures/run-log/v4.jsonl', import.meta.url);
const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
const FREQUENT = ['step.started', 'step.output', 'step.note', 'step.finished', 'step.failed'];
/** In place of each part of an event, one after the other. */
const OTHERS = ['null', '"x"', '""', '0', '-1', '1.5', '1e999', '1e17', 'true', '[]', '[1]', '{}', '{"x":1}'];

/** Texts of JSON in which one part, at any depth, is missing, is something else, or has one key more. */
function* mutated(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  const entries = Object.entries(value);
  const written = (parts: readonly (readonly [string, string])[]): string =>
    Array.isArray(value)
      ? `[${parts.map(([, part]) => part).join(',')}]`
      : `{${parts.map(([key, part]) => `${JSON.stringify(key)}:${part}`).join(',')}}`;
  const parts = entries.map(([key, part]) => [key, JSON.stringify(part)] as const);
  if (!Array.isArray(value))
    for (const key of ['extra', '__proto__', 'constructor']) yield written([...parts, [key, '1']]);
  for (const [index, [key, part]] of entries.entries()) {
    yield written(parts.filter((_, other) => other !== index));
    for (const other of [...OTHERS, ...mutated(part)])
      yield written(parts.map((old, at) => (at === index ? ([key, other] as const) : old)));
  }
}

test('the frequent events of today are known without the schema, all others are left to it', () => {
  for (const line of lines) {
    const event = runEventSchema.parse(JSON.parse(line));
    assert.equal(isKnownEvent(JSON.parse(line)), FREQUENT.includes(event.type), line);
  }
  for (const other of OTHERS) assert.equal(isKnownEvent(JSON.parse(other)), false, other);
});

test('what is known is what the schema accepts, and comes out of it as it went in', () => {
  let [tried, known] = [0, 0];
  for (const line of lines)
    for (const text of mutated(JSON.parse(line))) {
      tried += 1;
      if (!isKnownEvent(JSON.parse(text))) continue;
      known += 1;
      assert.deepEqual(runEventSchema.parse(JSON.parse(text)), JSON.parse(text), text);
    }
  assert.ok(known > 100 && tried > 5 * known, `${tried} tried, ${known} known`);
});
