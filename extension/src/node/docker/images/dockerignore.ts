/**
 * The rules of a `.dockerignore`: patterns from the root of the context, one a line; `*` and `?` stay within a name, `**`
 * goes over any number of folders; what is below a match is matched too; the last rule that matches decides, and `!` takes
 * back (Docker's reference, ".dockerignore files").
 */
export interface DockerIgnore {
  ignored(name: string): boolean;
  /** Something below a folder that is left out may be taken back. */
  readonly hasExceptions: boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly keep: boolean;
}

export function dockerIgnore(text: string): DockerIgnore {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .flatMap(toRule);
  return {
    ignored: (name) => rules.findLast(({ pattern }) => pattern.test(name))?.keep === false,
    hasExceptions: rules.some(({ keep }) => keep),
  };
}

function toRule(line: string): readonly Rule[] {
  const keep = line.startsWith('!');
  const parts: string[] = [];
  for (const part of (keep ? line.slice(1).trim() : line).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  if (parts.length === 0) return [];
  const body = parts.map((part) => (part === '**' ? '(?:[^/]+/)*' : `${nameExpression(part)}/`)).join('');
  const last = parts.at(-1) === '**' ? body.replace(/\(\?:\[\^\/\]\+\/\)\*$/, '.+') : body.replace(/\/$/, '');
  try {
    return [{ pattern: new RegExp(`^${last}(?:/.*)?$`, 's'), keep }];
  } catch {
    return []; // A class such as [z-a], which matches nothing.
  }
}

/** One name of a pattern as a regular expression: `*`, `?`, classes, and `\` before what is meant as it is. */
function nameExpression(part: string): string {
  let expression = '';
  for (let i = 0; i < part.length; i += 1) {
    const character = part.charAt(i);
    const end = character === '[' ? part.indexOf(']', i + 2) : -1;
    if (character === '*') {
      if (part[i + 1] !== '*') expression += '[^/]*';
      else {
        expression += '.*';
        i += 1;
      }
    } else if (character === '?') expression += '[^/]';
    else if (end > 0) {
      expression += `[${part.slice(i + 1, end).replaceAll('\\', '\\\\')}]`;
      i = end;
    } else {
      if (character === '\\' && i + 1 < part.length) i += 1;
      expression += part.charAt(i).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  return expression;
}
