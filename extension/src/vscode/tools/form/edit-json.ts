import type { Json, JsonObject } from '../../../base/json.ts';
import { messageOf } from '../../../base/errors.ts';
import type { TextPrompts } from '../../text-prompts.ts';

/** The value as JSON in an editor, which takes only what fits the schema. Undefined when that was called off. */
export async function editAsJson<Value extends Json>(
  name: string,
  value: Value,
  schema: JsonObject,
  prompts: TextPrompts,
): Promise<Value | undefined> {
  const { argumentMistakes } = await import('../../../node/mcp/index.ts');
  const read = (text: string): { readonly value: Value } | { readonly mistake: string } => {
    let given: Json;
    try {
      given = JSON.parse(text) as Json;
    } catch (error) {
      return { mistake: `This is no JSON: ${messageOf(error)}.` };
    }
    // Members have names in what is checked, so the value is one.
    const mistakes = argumentMistakes(wrapped(schema), { value: given });
    return mistakes === undefined
      ? { value: given as Value }
      : { mistake: `It does not fit the schema: ${mistakes.slice(0, MOST_CHARACTERS)}` };
  };
  const text = await editText(
    name,
    `${JSON.stringify(value, undefined, 2)}\n`,
    prompts,
    (given) => {
      const found = read(given);
      return 'mistake' in found ? found.mistake : undefined;
    },
    'json',
  );
  if (text === undefined) return undefined;
  const found = read(text);
  return 'mistake' in found ? undefined : found.value;
}

/** References of the schema lead to its definitions from the top. */
function wrapped(schema: JsonObject): JsonObject {
  const { $defs, definitions, ...value } = schema;
  return {
    type: 'object',
    properties: { value },
    required: ['value'],
    ...($defs === undefined ? {} : { $defs }),
    ...(definitions === undefined ? {} : { definitions }),
  };
}

const MOST_CHARACTERS = 300;

export function editText(
  name: string,
  text: string,
  prompts: TextPrompts,
  check: (text: string) => string | undefined,
  ending: 'json' | 'txt' = 'txt',
): Promise<string | undefined> {
  return prompts.ask({ name: `${name}.${ending}`, text, confirm: 'Use this (save)', check });
}
