/** A text of two parts: YAML between two lines of `---`, and what stands below. */
export interface FrontMatter {
  readonly yaml: string;
  /** Line of the file on which the YAML begins, from 0. */
  readonly yamlLine: number;
  readonly body: string;
  readonly bodyLine: number;
  /** False when the closing line is missing: then all of the file is YAML. */
  readonly closed: boolean;
}

/** Takes a byte order mark and Windows line ends as if they were not there. */
export function splitFrontMatter(given: string): FrontMatter {
  const text = normalise(given);
  if (!/^---[ \t]*(\n|$)/.test(text)) return { yaml: '', yamlLine: 0, body: text, bodyLine: 0, closed: true };
  const lines = text.split('\n');
  const end = lines.findIndex((line, index) => index > 0 && /^---[ \t]*$/.test(line));
  if (end < 0)
    return { yaml: lines.slice(1).join('\n'), yamlLine: 1, body: '', bodyLine: lines.length, closed: false };
  return {
    yaml: lines.slice(1, end).join('\n'),
    yamlLine: 1,
    body: lines.slice(end + 1).join('\n'),
    bodyLine: end + 1,
    closed: true,
  };
}

export function normalise(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n');
}
