import { joinTiny, sectionOf, type Section } from './section.ts';

/** Settings by outermost key (YAML, JSON) or section (TOML, INI), with the comment above each. */
export function configSections(path: string, lines: readonly string[]): Section[] {
  const key = /\.(?:json|jsonc|json5|webmanifest)$/i.test(path) ? jsonKey(lines) : plainKey;
  const cuts: { line: number; symbol?: string }[] = [{ line: 0 }];
  // Within a section of TOML or INI, keys belong to it.
  let inSection = false;
  for (const [number, line] of lines.entries()) {
    if (line.length > LONGEST_KEY_LINE) continue;
    const section = SECTION.exec(line)?.[1];
    if (section === undefined && inSection) continue;
    const symbol = section ?? key(line);
    if (symbol === undefined) continue;
    inSection = section !== undefined;
    let start = number;
    while (start - 1 > (cuts.at(-1)?.line ?? 0) && COMMENT.test(lines[start - 1] ?? '')) start--;
    cuts.push({ line: start, symbol });
  }
  const sections = cuts.map(({ line, symbol }, at) =>
    sectionOf(line, cuts[at + 1]?.line ?? lines.length, symbol),
  );
  return joinTiny(sections.filter(({ start, end }) => end > start));
}

/** In JSON the outermost keys are those at the indentation of the first one. */
function jsonKey(lines: readonly string[]): (line: string) => string | undefined {
  const first = lines.find((line) => line.length <= LONGEST_KEY_LINE && JSON_KEY.test(line));
  const indent = JSON_KEY.exec(first ?? '')?.[1];
  return (line) => {
    const found = JSON_KEY.exec(line);
    return found?.[1] === indent ? found?.[2] : undefined;
  };
}

function plainKey(line: string): string | undefined {
  return YAML_KEY.exec(line)?.[1] ?? ASSIGNED.exec(line)?.[1];
}

const LONGEST_KEY_LINE = 400;
const SECTION = /^\[{1,2}\s*([^\]]{1,200}?)\s*\]{1,2}\s*(?:[#;].*)?$/;
const JSON_KEY = /^([ \t]+)"((?:[^"\\]|\\.){1,200})"\s*:/;
const YAML_KEY = /^["']?([^\s#"'[{\]}:=-][^"':=#]{0,200}?)["']?\s*:(?:\s|$)/;
const ASSIGNED = /^([A-Za-z_][\w.-]{0,200})\s*=/;
const COMMENT = /^\s*(?:#|\/\/|;)/;
