import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import type { JsonObject } from '../../../extension/src/base/json.ts';
import { DEFAULT_RULES } from '../../../extension/src/core/observability/alerts/defaults.ts';
import { readAlertRules } from '../../../extension/src/core/observability/alerts/index.ts';
import {
  alertRuleSchema,
  MEASURES,
  RULE_KEYS,
} from '../../../extension/src/core/observability/alerts/rule.ts';
import { argumentMistakes } from '../../../extension/src/node/mcp/validate.ts';

const media = path.join(import.meta.dirname, '../../../media');
const schema = async (): Promise<JsonObject> =>
  JSON.parse(await readFile(path.join(media, 'alerts.schema.json'), 'utf8')) as JsonObject;

const keyed = z.object({ properties: z.record(z.string(), z.unknown()) });
const ruleShape = z.object({
  properties: z.looseObject({
    measure: z.object({ enum: z.array(z.string()), enumDescriptions: z.array(z.string()) }),
    only: keyed,
    quiet: z.object({ items: keyed }),
  }),
});
const shape = z.object({
  definitions: z.object({ rule: z.object({ anyOf: z.tuple([z.unknown(), ruleShape]) }), rules: keyed }),
});
const keys = (of: object): readonly string[] => Object.keys(of).sort();

const rule = {
  ...{ measure: 'error-rate', of: 'tools', window: '2h', warn: 0.2, alert: 0.5, least: 5, noData: 'warn' },
  only: { agent: 'coder', route: 'code', model: 'p/m', tool: 'shell_run', user: 'Ada' },
  quiet: [{ from: '22:00', to: '07:00', days: ['sat', 'sun'] }],
  ...{ rearm: '30m', do: ['notify', 'webhook', 'pause', 'stop'] },
};
const fileWith = (more: JsonObject): JsonObject => ({ rules: { mine: { ...rule, ...more } } });
const mistakesOf = (file: JsonObject) =>
  readAlertRules([{ name: 'alerts.jsonc', text: JSON.stringify(file), member: 'rules' }]).mistakes;

test('the editor completes the keys that a rule is read with, and no others', async () => {
  const { definitions } = shape.parse(await schema());
  const [, { properties }] = definitions.rule.anyOf;
  assert.deepEqual(keys(properties), RULE_KEYS.toSorted());
  assert.deepEqual(properties.measure.enum, Object.keys(MEASURES));
  assert.equal(properties.measure.enumDescriptions.length, properties.measure.enum.length);
  const read = z.toJSONSchema(alertRuleSchema, { io: 'input', unrepresentable: 'any' });
  const own = ruleShape.parse({ properties: { ...read.properties, measure: properties.measure } });
  assert.deepEqual(keys(properties.only.properties), keys(own.properties.only.properties));
  assert.deepEqual(keys(properties.quiet.items.properties), keys(own.properties.quiet.items.properties));
  assert.deepEqual(keys(definitions.rules.properties), keys(DEFAULT_RULES));
});

test('a file with every key, and one with Strata’s own rules, is right for both', async () => {
  for (const file of [fileWith({}), { rules: DEFAULT_RULES }, { rules: { 'Runs fail': false } }]) {
    assert.equal(argumentMistakes(await schema(), file), undefined);
    assert.deepEqual(mistakesOf(file), []);
  }
});

test('what is wrong for one is wrong for the other', async () => {
  const rules = await schema();
  const wrong = (more: JsonObject, file = fileWith(more)): void => {
    assert.notEqual(argumentMistakes(rules, file), undefined, JSON.stringify(more));
    assert.notEqual(mistakesOf(file).length, 0, JSON.stringify(more));
  };
  wrong({ measure: 'weather' });
  wrong({ only: { person: 'Ada' } });
  wrong({ only: { user: '' } });
  wrong({ only: 'Ada' });
  wrong({ window: '1 hour' });
  wrong({ warn: -1 });
  wrong({ least: 0 });
  wrong({ quiet: [{ from: '25:00' }] });
  wrong({ do: ['shout'] });
  wrong({ more: true });
  wrong({}, { rules: { mine: { measure: 'budget' } } });
  wrong({}, { rules: { mine: true } });
});

test('the setting has the same rules as the file', async () => {
  const setting: unknown = JSON.parse(await readFile(path.join(media, 'alerts-setting.schema.json'), 'utf8'));
  const { properties } = keyed.parse(setting);
  assert.deepEqual(properties['strata.observability.alerts'], {
    $ref: './alerts.schema.json#/definitions/rules',
  });
});
