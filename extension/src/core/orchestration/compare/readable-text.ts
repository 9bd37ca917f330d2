import type { Json } from '../../../base/json.ts';

/** A value as indented lines, `name: value`; texts stand as they are, so that their lines can be compared one by one. */
export function readableText(value: Json): string {
  return linesOf(value).join('\n');
}

function linesOf(value: Json): string[] {
  if (typeof value === 'string') return value === '' ? [] : value.replace(/\r\n?/g, '\n').split('\n');
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  if (isList(value)) return value.flatMap((item) => placed('-', linesOf(item)));
  return Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : placed(`${name}:`, linesOf(member), typeof member === 'object'),
  );
}

/** On the same line where it fits there, else indented below. */
function placed(name: string, lines: readonly string[], below = false): string[] {
  const [only = ''] = lines;
  if (lines.length === 0) return [name];
  if (lines.length === 1 && !below) return [`${name} ${only}`];
  return name === '-'
    ? lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
    : [name, ...lines.map((line) => `  ${line}`)];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
