import type { Section } from './section.ts';

/** Cuts Markdown at its `#` headings outside of code fences; the symbol is the trail of headings, `Guide > Install`. */
export function headingSections(lines: readonly string[]): Section[] {
  const sections: { start: number; symbol?: string }[] = [{ start: 0 }];
  const trail: { depth: number; title: string }[] = [];
  let fence: string | undefined;
  for (const [number, line] of lines.entries()) {
    const mark = FENCE.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence)))
      fence = fence === undefined ? mark : undefined;
    const heading = fence === undefined && line.length <= LONGEST_HEADING ? HEADING.exec(line) : null;
    if (heading === null) continue;
    const depth = heading[1]?.length ?? 1;
    while ((trail.at(-1)?.depth ?? 0) >= depth) trail.pop();
    trail.push({ depth, title: (heading[2] ?? '').trim() });
    sections.push({ start: number, symbol: trail.map(({ title }) => title).join(' > ') });
  }
  const cut = sections.map(({ start, symbol }, at) => ({
    start,
    end: sections[at + 1]?.start ?? lines.length,
    ...(symbol === undefined ? {} : { symbol }),
  }));
  return joinBareHeadings(
    cut.filter((section) => section.end > section.start),
    lines,
  );
}

/** A heading with nothing below it but another heading goes with that one. */
function joinBareHeadings(sections: readonly Section[], lines: readonly string[]): Section[] {
  const joined: Section[] = [];
  let bareFrom: number | undefined;
  for (const [at, section] of sections.entries()) {
    const start = bareFrom ?? section.start;
    const body = lines.slice(section.start + (section.symbol === undefined ? 0 : 1), section.end);
    const bare = body.every((line) => line.trim() === '') && at < sections.length - 1;
    bareFrom = bare ? start : undefined;
    if (!bare) joined.push({ ...section, start });
  }
  return joined;
}

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$/;
const LONGEST_HEADING = 400;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
