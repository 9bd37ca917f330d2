import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

/** What was tried, and how it was seen to fail. */
export type Attack = readonly [name: string, command: string, failure: RegExp];

/**
 * Tries each attack and holds it to the very failure that is expected: one that fails for another reason, or because the
 * command is not there, proves nothing. What was seen is printed with the test as a transcript.
 */
export async function tryAttacks(
  t: TestContext,
  run: (command: string) => Promise<string>,
  attacks: readonly Attack[],
): Promise<void> {
  const succeeded: string[] = [];
  for (const [name, command, failure] of attacks) {
    const seen = await run(command);
    const [how] = failure.exec(seen) ?? [];
    if (how === undefined) succeeded.push(`${name}: ${command}\n${seen.slice(0, 1000)}`);
    else t.diagnostic(`${name} → ${how.replaceAll(/\s+/g, ' ')}`);
  }
  assert.deepEqual(succeeded, [], `Not seen to fail as expected:\n${succeeded.join('\n\n')}`);
}
