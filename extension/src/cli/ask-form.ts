import type { Json, JsonObject } from '../base/json.ts';
import { safeLine } from './style.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks for the members of a flat object, as MCP lets servers ask for them: texts, numbers, yes or no, and choices. An
 * empty answer leaves out what need not be given, or takes the default.
 */
export async function askForm(
  terminal: Terminal,
  schema: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const answers: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    const answer = await askField(terminal, name, property, required.includes(name), signal);
    if (answer !== undefined) answers[name] = answer;
  }
  return answers;
}

async function askField(
  terminal: Terminal,
  name: string,
  property: JsonObject,
  isRequired: boolean,
  signal: AbortSignal,
): Promise<Json | undefined> {
  const { title, description, default: initial } = property;
  const label = typeof title === 'string' ? title : name;
  const about = typeof description === 'string' ? ` (${description})` : '';
  const choices = choicesOf(property);
  const hint = choices ? ` [${choices.join('/')}]` : isRequired ? '' : ' (optional)';
  for (;;) {
    const start = initial === undefined || typeof initial === 'object' ? '' : String(initial);
    const text = await terminal.askText(safeLine(`${label}${about}${hint}: `), start, signal);
    if (text.trim() === '' && !isRequired) return undefined;
    const value = valueOf(text.trim(), property, choices);
    if (value !== undefined) return value;
    terminal.print(`That is no ${typeof property['type'] === 'string' ? property['type'] : 'answer'}.`);
  }
}

function choicesOf({ type, enum: words, oneOf }: JsonObject): readonly string[] | undefined {
  if (type === 'boolean') return ['yes', 'no'];
  if (Array.isArray(words)) return words.filter((word) => typeof word === 'string');
  if (Array.isArray(oneOf))
    return (oneOf as readonly Json[]).flatMap((one) =>
      isObject(one) && typeof one['const'] === 'string' ? [one['const']] : [],
    );
  return undefined;
}

function valueOf(
  text: string,
  { type }: JsonObject,
  choices: readonly string[] | undefined,
): Json | undefined {
  switch (type) {
    case 'boolean':
      if (/^(y|yes|true)$/i.test(text)) return true;
      return /^(n|no|false)$/i.test(text) ? false : undefined;
    case 'integer':
      return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
    case 'number':
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'array':
      return text.split(',').map((part) => part.trim());
    default:
      return !choices || choices.includes(text) ? text : undefined;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
