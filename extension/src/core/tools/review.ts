import type { Json, JsonObject } from '../../base/json.ts';
import { fingerprintOf } from './fingerprint.ts';
import { hasHidden, withoutHidden } from './hidden-characters.ts';
import type { ServerDefinition } from './server-definition.ts';
import { suspicionOf } from './suspicious-words.ts';
import type { HeldTool } from './tool-host.ts';
import type { Tool } from './tool.ts';

const DESCRIPTION_CHARACTERS = 4_000;
const TITLE_CHARACTERS = 100;
const TEXT_CHARACTERS = 1_000;
const SCHEMA_CHARACTERS = 40_000;

export interface Reviewed {
  /** Cleaned of what a person does not see, and cut. */
  readonly offered: readonly Tool[];
  readonly heldBack: readonly HeldTool[];
}

/** What a model reads that calls one of those. */
export function heldBackText(tool: string, reason: string): string {
  return `The tool "${tool}" is held back until the user has looked at it. ${reason}`;
}

/**
 * Which of a server's tools a model may read about. Descriptions are not trusted: they come from other people, and a model
 * takes what it reads for what it was told. Those of Strata's own servers pass as they are. `accepted` has the fingerprints
 * of the tools, by their names, as a person saw them when the server was set up: what they accepted passes whatever it says,
 * and what is new or other since then does not. Undefined while it is being set up. The editor's own servers are set up
 * there: of their tools `accepted` has those alone that were held back, and others pass as long as their words are harmless.
 */
export function reviewTools(
  { origin }: Pick<ServerDefinition, 'origin'>,
  listed: readonly Tool[],
  accepted: ReadonlyMap<string, string> | undefined,
): Reviewed {
  if (origin === 'built-in') return { offered: listed, heldBack: [] };
  const offered: Tool[] = [];
  const heldBack: HeldTool[] = [];
  for (const tool of listed) {
    const reason = origin === 'editor' ? reasonAgainstEditors(tool, accepted) : reasonAgainst(tool, accepted);
    if (reason === undefined) offered.push(cleaned(tool));
    else
      heldBack.push({
        name: withoutHidden(tool.name).slice(0, TITLE_CHARACTERS),
        reason,
        description: withoutHidden(tool.description).slice(0, TEXT_CHARACTERS),
      });
  }
  return { offered, heldBack };
}

function reasonAgainst(tool: Tool, accepted: ReadonlyMap<string, string> | undefined): string | undefined {
  if (accepted) {
    const then = accepted.get(tool.name);
    if (then === fingerprintOf(tool)) return undefined;
    const suspicion = suspicionIn(tool);
    const more = suspicion === undefined ? '' : `, and ${suspicion}`;
    if (then === undefined) return `It is new since the server was set up${more}.`;
    return `It has changed since it was set up${more}.`;
  }
  const suspicion = suspicionIn(tool);
  return suspicion === undefined ? undefined : `Its description is suspicious: ${suspicion}.`;
}

function reasonAgainstEditors(
  tool: Tool,
  accepted: ReadonlyMap<string, string> | undefined,
): string | undefined {
  const then = accepted?.get(tool.name);
  if (then === undefined) return reasonAgainst(tool, undefined);
  if (then === fingerprintOf(tool)) return undefined;
  const suspicion = suspicionIn(tool);
  return suspicion === undefined ? undefined : `It has changed since it was accepted, and ${suspicion}.`;
}

function suspicionIn(tool: Tool): string | undefined {
  const { name, title = '', description, inputSchema } = tool;
  const schema = JSON.stringify(inputSchema);
  if (schema.length > SCHEMA_CHARACTERS) return `its schema has ${schema.length} characters`;
  if (hasHidden(name)) return 'its name has characters that nobody sees';
  const texts = schemaTexts(inputSchema);
  if (texts.exact.some(hasHidden)) return 'names of its arguments have characters that nobody sees';
  return suspicionOf([name, title, description, ...texts.exact, ...texts.prose].join('\n\n'));
}

/** Members of a schema that are there to be read. Anything else must stay as it is, or calls would no longer fit. */
const PROSE = new Set(['description', 'title', '$comment', 'examples']);

function schemaTexts(
  schema: Json,
  key = '',
): { readonly prose: readonly string[]; readonly exact: readonly string[] } {
  if (typeof schema === 'string')
    return PROSE.has(key) ? { prose: [schema], exact: [] } : { prose: [], exact: [schema] };
  if (schema === null || typeof schema !== 'object') return { prose: [], exact: [] };
  if (Array.isArray(schema)) return together((schema as readonly Json[]).map((one) => schemaTexts(one, key)));
  const members = Object.entries(schema as JsonObject);
  return together([
    { prose: [], exact: members.map(([name]) => name) },
    ...members.flatMap(([name, member]) => (member === undefined ? [] : [schemaTexts(member, name)])),
  ]);
}

function together(parts: readonly ReturnType<typeof schemaTexts>[]): ReturnType<typeof schemaTexts> {
  return { prose: parts.flatMap(({ prose }) => prose), exact: parts.flatMap(({ exact }) => exact) };
}

function cleaned(tool: Tool): Tool {
  return {
    ...tool,
    description: short(tool.description, DESCRIPTION_CHARACTERS),
    ...(tool.title === undefined ? {} : { title: short(tool.title, TITLE_CHARACTERS) }),
    inputSchema: cleanSchema(tool.inputSchema) as JsonObject,
  };
}

function cleanSchema(schema: Json, key = ''): Json {
  if (typeof schema === 'string') return PROSE.has(key) ? short(schema, TEXT_CHARACTERS) : schema;
  if (schema === null || typeof schema !== 'object') return schema;
  if (Array.isArray(schema)) return (schema as readonly Json[]).map((member) => cleanSchema(member, key));
  return Object.fromEntries(
    Object.entries(schema as JsonObject).map(([name, member]) => [
      name,
      member === undefined ? member : cleanSchema(member, name),
    ]),
  );
}

function short(text: string, most: number): string {
  const clean = withoutHidden(text);
  return clean.length > most ? `${clean.slice(0, most - 1).toWellFormed()}…` : clean;
}
