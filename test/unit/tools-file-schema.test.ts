import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { parseToolPolicy } from '../../extension/src/core/tools/policy-file/index.ts';
import { FILE_KEYS, RULE_KEYS, SERVER_KEYS } from '../../extension/src/core/tools/policy-file/schema.ts';
import { argumentMistakes } from '../../extension/src/node/mcp/validate.ts';

const file = path.join(import.meta.dirname, '../../media/tools.schema.json');
const keysOf = z.object({ properties: z.record(z.string(), z.unknown()) });
const schemaShape = keysOf.extend({
  definitions: z.object({ server: keysOf, limit: keysOf }),
});

const schema = async (): Promise<JsonObject> => JSON.parse(await readFile(file, 'utf8')) as JsonObject;
const names = ({ properties }: z.infer<typeof keysOf>): string[] => Object.keys(properties).sort();

const whole = {
  $schema: 'x',
  servers: {
    memory: {
      ...{ enabled: true, trusted: false, image: 'mcp/memory' },
      ...{ network: ['api.github.com', '*.npmjs.org:443'], files: 'read', secrets: ['TOKEN'] },
      ...{ environment: { LEVEL: 'debug' }, memory: '1g', cpus: 0.5, processes: 64, openFiles: 256 },
      ...{ temporary: '32m', callSeconds: 30, idleMinutes: 2 },
    },
  },
  approval: {
    'memory_*': 'ask',
    shell_run: [{ arguments: { command: ['git push*'] }, decision: 'deny' }, 'ask'],
  },
  cache: { web_fetch: { seconds: 600 }, 'files_*': true },
  rate: {
    web_fetch: {
      ...{ calls: 10, seconds: 60, burst: 5, scope: 'run', when: 'refuse', waitSeconds: 10 },
    },
    '*': [{ calls: 100, seconds: 60 }],
  },
  catalogue: { tokens: 8000 },
};

test('the editor completes the keys that the file is read with, and no others', async () => {
  const { properties, definitions } = schemaShape.parse(await schema());
  assert.deepEqual(names({ properties }), FILE_KEYS.toSorted());
  assert.deepEqual(names(definitions.server), SERVER_KEYS.toSorted());
  assert.deepEqual(names(definitions.limit), (RULE_KEYS['rate'] ?? []).toSorted());
});

test('a file with every key is right for both', async () => {
  assert.equal(argumentMistakes(await schema(), whole), undefined);
  parseToolPolicy(JSON.stringify(whole), 'tools.jsonc');
});

test('what is wrong for one is wrong for the other', async () => {
  const rules = await schema();
  const wrong = (mistake: JsonObject): void => {
    const given = { ...whole, ...mistake };
    assert.notEqual(argumentMistakes(rules, given), undefined, JSON.stringify(mistake));
    assert.throws(() => parseToolPolicy(JSON.stringify(given), 'tools.jsonc'), JSON.stringify(mistake));
  };
  wrong({ approval: { shell_run: 'maybe' } });
  wrong({ approval: { 'a b': 'ask' } });
  wrong({ approval: { a: [] } });
  wrong({ cache: { a: { minutes: 1 } } });
  wrong({ rate: { a: { calls: 0, seconds: 1 } } });
  wrong({ rate: { a: { calls: 1, seconds: 1, scope: 'world' } } });
  wrong({ catalogue: { tokens: -1 } });
  wrong({ more: true });
});
