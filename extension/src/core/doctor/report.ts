/** One thing that Strata needs or uses. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'missing';
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** A table for a bug report, which names no person: see `impersonal`. */
export function asMarkdown(checks: readonly Check[], userHome: string): string {
  const cell = (text: string): string =>
    impersonal(text, userHome)
      .replace(/\s*\n\s*/g, ' ')
      .replaceAll('|', '\\|');
  const rows = checks.map(
    ({ name, state, text, fix }) => `| ${cell(name)} | ${state} | ${cell(fix ? `${text} ${fix}` : text)} |`,
  );
  return ['| | state | |', '|---|---|---|', ...rows, ''].join('\n');
}

/**
 * Without the user's home folder and what stands before the host of an address, and without what looks like a key. No check names
 * one; an address or an error of another program may.
 */
export function impersonal(text: string, userHome: string): string {
  const spellings = [userHome, userHome.replaceAll('\\', '/')].filter((home) => home.length > 1);
  const short = spellings.reduce((rest, home) => rest.replaceAll(home, '~'), text);
  return short
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1…@')
    .replace(/\b(sk|pk|ghp|gho|xox[a-z]|AIza|gsk)[-_]?[A-Za-z0-9_-]{16,}/g, '$1…');
}
