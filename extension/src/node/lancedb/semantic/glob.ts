/** Whether a path fits; one without a slash is about the name alone, at any depth, as in an ignore file. */
export function globFits(glob: string): (path: string) => boolean {
  const expression = new RegExp(`^${glob.includes('/') ? '' : '(?:.*/)?'}${source(glob)}$`, 'u');
  return (path) => expression.test(path);
}

export function isGlob(path: string): boolean {
  return /[*?{]/.test(path);
}

/** What each path that fits begins with. */
export function literalStart(glob: string): string {
  return glob.includes('/') ? (/^[^*?{]*/.exec(glob)?.[0] ?? '') : '';
}

/** Without nested repetition, so that no pattern takes longer than the square of a path. */
function source(glob: string): string {
  let text = '';
  let open = 0;
  for (let at = 0; at < glob.length; at++) {
    const character = glob.charAt(at);
    if (glob.startsWith('**/', at)) {
      text += '(?:.*/)?';
      at += 2;
    } else if (glob.startsWith('**', at)) {
      text += '.*';
      at += 1;
    } else if (character === '*') text += '[^/]*';
    else if (character === '?') text += '[^/]';
    else if (character === '{') {
      text += '(?:';
      open++;
    } else if (character === '}' && open > 0) {
      text += ')';
      open--;
    } else if (character === ',' && open > 0) text += '|';
    else text += character.replace(/[\\^$.|+()[\]{}/]/u, '\\$&');
  }
  return text + ')'.repeat(open);
}
