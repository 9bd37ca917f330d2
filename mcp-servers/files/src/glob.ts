import { ToolFailure } from '../../tool.ts';

/**
 * A glob as a regular expression over a path with forward slashes: `*` and `?` stay within a folder, `**` crosses
 * folders, `[abc]`, `[!abc]` and `{a,b}` as in a shell. A pattern without a slash matches in every folder.
 */
export function globToRegExp(glob: string): RegExp {
  const pattern = glob.replace(/^\.?\/+/, '');
  if (pattern.length > 1000) throw new ToolFailure('The glob is too long.');
  const body = pattern.includes('/') ? pattern : `**/${pattern}`;
  let source = '';
  let depth = 0;
  for (let i = 0; i < body.length;) {
    const char = body.charAt(i);
    const rest = body.slice(i);
    if (/^(?:\*\*\/)+/.test(rest)) {
      source += '(?:[^/]+/)*';
      i += /^(?:\*\*\/)+/.exec(rest)?.[0].length ?? 3;
    } else if (rest.startsWith('**')) {
      source += '.*';
      i += /^\*+/.exec(rest)?.[0].length ?? 2;
    } else if (char === '*') {
      source += '[^/]*';
      i += 1;
    } else if (char === '?') {
      source += '[^/]';
      i += 1;
    } else if (char === '[') {
      const set = /^\[(!|\^)?(\]?[^\]/]*)\]/.exec(rest);
      if (!set) {
        source += '\\[';
        i += 1;
        continue;
      }
      source += `[${set[1] ? '^/' : ''}${(set[2] ?? '').replace(/[\\\]^[]/g, '\\$&')}]`;
      i += set[0].length;
    } else if (char === '{' && rest.includes('}')) {
      source += '(?:';
      depth += 1;
      i += 1;
    } else if (char === '}' && depth > 0) {
      source += ')';
      depth -= 1;
      i += 1;
    } else if (char === ',' && depth > 0) {
      source += '|';
      i += 1;
    } else {
      source += char.replace(/[\\^$.|+()[\]{}/]/g, '\\$&');
      i += 1;
    }
  }
  try {
    return new RegExp(`^${source}$`, 's');
  } catch (error) {
    throw new ToolFailure(
      `"${glob}" is not a glob: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
