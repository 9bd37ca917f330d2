/** What a run of the tests says, read from its output: node:test's two formats, and others as far as they name files. */
export interface TestRun {
  /** `unclear`: neither an exit code nor a summary. `missing`: the command itself could not be found. */
  readonly outcome: 'passed' | 'failed' | 'unclear' | 'missing';
  /** Names of the failing tests, where the format is known. */
  readonly failing: readonly string[];
  /** Places in the project that the output names, the most telling first. */
  readonly places: readonly Place[];
  /** Number of tests that passed, where the format is known. */
  readonly passed: number | undefined;
  /** A few lines that say what went wrong. */
  readonly excerpt: string;
}

export interface Place {
  readonly path: string;
  readonly line: number;
}

const PLACE = /(?:file:\/\/)?((?:[A-Za-z]:)?[\w@.+\-/\\]*[\w@+-]\.(?:[cm]?[jt]sx?)):(\d+)(?::\d+)?/g;
const MAX_EXCERPT_LINES = 14;

export function readTestRun(output: string): TestRun {
  const code = /^exit code (\d+)/m.exec(output)?.[1];
  const failed = count(output, 'fail');
  const failing = failingTests(output);
  return {
    outcome: outcomeOf(output, code, failed ?? (failing.length > 0 ? failing.length : undefined)),
    failing,
    places: placesIn(output),
    passed: count(output, 'pass'),
    excerpt: excerptOf(output),
  };
}

function outcomeOf(output: string, code: string | undefined, failed: number | undefined): TestRun['outcome'] {
  if (code === '127' || (code !== '0' && /\b(?:npm|node): (?:command )?not found/.test(output)))
    return 'missing';
  if (code !== undefined) return code === '0' ? 'passed' : 'failed';
  if (failed === undefined) return 'unclear';
  return failed === 0 ? 'passed' : 'failed';
}

function count(output: string, what: 'pass' | 'fail'): number | undefined {
  const match = new RegExp(`^(?:#|ℹ) ${what} (\\d+)`, 'm').exec(output);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function failingTests(output: string): string[] {
  const names = new Set<string>();
  for (const match of output.matchAll(/^\s*(?:✖|not ok \d+ -) (.+?)(?: \([\d.]+ms\))?$/gm)) {
    // Of a file or a suite only its inner tests count, and the headline names none.
    if (match[1] !== undefined && match[1] !== 'failing tests:' && !/\.[cm]?[jt]s$/.test(match[1]))
      names.add(match[1]);
  }
  return [...names];
}

function placesIn(output: string): Place[] {
  // Passing tests come first in some formats; what is said about failures begins here.
  const start = Math.max(output.search(/^✖ failing tests:/m), output.search(/^\s*not ok /m), 0);
  const places = new Map<string, Place>();
  for (const match of output.slice(start).matchAll(PLACE)) {
    const path = inProject(match[1] ?? '');
    if (path === undefined) continue;
    const place = { path, line: Number(match[2]) };
    places.set(`${path}:${place.line}`, place);
  }
  return [...places.values()];
}

/** Containers see the workspace under `/workspace`; elsewhere the folder that a project usually has decides. */
function inProject(path: string): string | undefined {
  const clean = path.replaceAll('\\', '/');
  if (/(?:^|\/)(?:node_modules|internal)\//.test(clean) || clean.startsWith('node:')) return undefined;
  if (!/^(?:\/|[A-Za-z]:)/.test(clean)) return clean.replace(/^\.\//, '');
  if (clean.startsWith('/workspace/')) return clean.slice('/workspace/'.length);
  return (
    /\/((?:src|lib|test|tests|spec|__tests__|app|packages)\/.+)$/.exec(clean)?.[1] ?? clean.split('/').pop()
  );
}

function excerptOf(output: string): string {
  const lines = output.split('\n').map((line) => line.trimEnd());
  const headline = lines.findIndex((line) => /^✖ failing tests:/.test(line));
  const at =
    headline >= 0
      ? headline + 1
      : lines.findIndex((line) => /\b(?:not ok|fail(?:ed|ure)?|error)\b|✖/i.test(line));
  const rest = lines
    .slice(Math.max(at, 0))
    .filter((line) => line.trim() !== '' && !/\bnode:internal|\(node:/.test(line));
  return rest.slice(0, MAX_EXCERPT_LINES).join('\n');
}
