import type { Json, JsonObject } from '../../base/json.ts';

/** The recorded result of a step in the form in which a person changes it. */
export interface ResultForm {
  readonly kind: 'text' | 'json';
  readonly text: string;
  /** The result that a changed text stands for; what is wrong with it where it stands for none. */
  readonly read: (text: string) => { readonly result: Json } | { readonly wrong: string };
}

/** A result that is one text (what a tool printed, a model's answer) is changed as that, and every other as JSON. */
export function resultForm(recorded: Json): ResultForm {
  const only = onlyText(recorded);
  if (!only)
    return { kind: 'json', text: `${JSON.stringify(recorded, undefined, 2)}\n`, read: jsonReader(recorded) };
  // The same as data would say what the text no longer does.
  const { structured: _, ...rest } = only.result;
  return {
    kind: 'text',
    text: only.text,
    read: (text) => ({ result: { ...rest, content: [{ ...only.part, text }] } }),
  };
}

/** Why a result cannot take the place of the recorded one; undefined when it can. */
export function unfitResult(recorded: Json | undefined, result: Json): string | undefined {
  if (recorded === undefined) return 'It has no result that another could stand for.';
  const form = formOf(recorded);
  if (formOf(result) !== form) return `Its result is ${form}.`;
  const content = isObject(recorded) ? recorded['content'] : undefined;
  if (!Array.isArray(content) || !isObject(result)) return undefined;
  const given = result['content'];
  const isContent =
    Array.isArray(given) && (given as readonly Json[]).every((part) => isObject(part) && 'type' in part);
  return isContent ? undefined : 'Its result has a list `content`, of parts that each have a `type`.';
}

function jsonReader(recorded: Json): ResultForm['read'] {
  return (text) => {
    let result: Json;
    try {
      result = JSON.parse(text) as Json;
    } catch {
      // What is not JSON is being written still, and the editor marks the place.
      return { wrong: 'The result of this step is JSON.' };
    }
    const wrong = unfitResult(recorded, result);
    return wrong === undefined ? { result } : { wrong };
  };
}

function onlyText(
  recorded: Json,
): { readonly result: JsonObject; readonly part: JsonObject; readonly text: string } | undefined {
  const content = isObject(recorded) ? recorded['content'] : undefined;
  if (!isObject(recorded) || !Array.isArray(content) || content.length !== 1) return undefined;
  const [part] = content as readonly Json[];
  const text = isObject(part) && part['type'] === 'text' ? part['text'] : undefined;
  return isObject(part) && typeof text === 'string' ? { result: recorded, part, text } : undefined;
}

function formOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  return value === null ? 'null' : `a ${typeof value}`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
