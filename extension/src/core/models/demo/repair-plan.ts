import type { DoneCall } from './conversation.ts';
import { argument, firstLine } from './conversation.ts';
import type { Move, PlannedCall } from './move.ts';
import { answer, call, TOOL } from './move.ts';
import { correctedBy } from './corrected.ts';
import { importsOf } from './source-text.ts';
import { candidatesFor } from './suspects.ts';
import type { Candidate } from './suspects.ts';
import type { TestRun } from './test-output.ts';
import type { Edit, Progress } from './trials.ts';
import { editKey, readProgress, reversed } from './trials.ts';

const MAX_TRIALS = 14;
const MAX_FILES = 12;
const MANIFEST = 'package.json';

/**
 * Runs the tests, looks for the cause of a failure and repairs it; what people said of earlier runs is tried first.
 * `undefined`: this workspace has no tests to run.
 */
export function repairMove(calls: readonly DoneCall[], corrections: readonly string[]): Move | undefined {
  const state = readProgress(calls);
  if (!state.files.has(MANIFEST)) {
    return call(`I'll look at ${MANIFEST} to see how the tests are run.`, read(MANIFEST));
  }
  const script = testScript(state.files.get(MANIFEST));
  if (script === undefined) return undefined;
  const { last } = state;
  if (!last) {
    if (state.runFailure) return couldNotRun(state.runFailure);
    return call("I'll run the tests first, to see what fails.", run('npm test'));
  }
  if (last.outcome === 'missing') {
    if (state.commands.includes(script)) return couldNotTell(last);
    return call('There is no npm here, so I run the test script itself.', run(script));
  }
  if (state.runFailure)
    return giveUp(state, `The tests could not be run again: ${firstLine(state.runFailure.text)}`);
  if (last.outcome === 'unclear') return couldNotTell(last);
  if (state.stuck) return giveUp(state, 'A change that did not help could not be undone.');
  if (last.outcome === 'passed') return finished(state, last);
  return investigate(state, script) ?? tryNext(state, script, corrections);
}

/** Reads the failing tests, and what they import, level by level. */
function investigate(state: Progress, script: string): Move | undefined {
  if (state.open) return undefined;
  const wanted = startingFiles(state, script).filter((path) => !state.files.has(path));
  if (wanted.length > 0) {
    const names = state.baseline?.failing.map((name) => `“${name}”`).join(', ') ?? '';
    return call(
      `${names === '' ? 'The tests fail.' : `Failing: ${names}.`} I'll read ${wanted.join(', ')}.`,
      ...wanted.map(read),
    );
  }
  const known = [...state.files].filter(([, text]) => text !== undefined).length;
  const imported = reachable(state, script).filter((path) => !state.files.has(path));
  const next = imported.slice(0, Math.max(0, MAX_FILES - known));
  if (next.length === 0) return undefined;
  return call(`What is tested comes from ${next.join(', ')}; I'll read that.`, ...next.map(read));
}

function startingFiles(state: Progress, script: string): string[] {
  const run = state.baseline ?? state.last;
  const named = [...new Set(run?.places.map(({ path }) => path) ?? [])];
  // A runner that names no file: the script at least says where it starts.
  const entries = script.match(/[\w./-]+\.[cm]?[jt]sx?\b/g) ?? [];
  return (named.length > 0 ? named : entries.map((path) => path.replace(/^\.\//, ''))).slice(0, MAX_FILES);
}

function reachable(state: Progress, script: string): string[] {
  const found = new Set(startingFiles(state, script));
  for (const path of found) {
    const text = state.files.get(path);
    if (text !== undefined) for (const imported of importsOf(path, text)) found.add(imported);
  }
  return [...found];
}

function tryNext(state: Progress, script: string, corrections: readonly string[]): Move {
  const undo = state.open && state.judged ? [edit(reversed(state.open))] : [];
  if (state.open && !state.judged)
    return call('I changed a line; the tests will tell.', run(commandOf(state)));
  const refusal = state.editFailure?.text ?? '';
  if (/refus|not allow|denied/i.test(refusal))
    return giveUp(state, `The change was refused: ${firstLine(refusal)}`);

  const { open } = state;
  const files = new Map(state.files);
  if (open)
    files.set(
      open.path,
      files.get(open.path)?.replace(open.newText, () => open.oldText),
    );
  const next = state.tried.size < MAX_TRIALS ? nextCandidate(state, files, script, corrections) : undefined;
  if (!next) {
    if (undo.length > 0)
      return call('That did not help either; I put the line back and check.', ...undo, run(commandOf(state)));
    return giveUp(state, '');
  }
  const { candidate, change } = next;
  const where = `${candidate.path}:${candidate.line}`;
  const what = `\`${candidate.oldLine.trim()}\` → \`${candidate.newLine.trim()}\``;
  const why =
    corrections.length > 0 && state.tried.size === 0
      ? 'Of an earlier run it was said what is right here. '
      : '';
  const say =
    undo.length > 0
      ? `That did not help; I put the line back. Next, ${where}: ${what}`
      : `${why}The cause may be ${where}. I'll try ${what}`;
  return call(say, ...undo, edit(change), run(commandOf(state)));
}

function nextCandidate(
  state: Progress,
  files: ReadonlyMap<string, string | undefined>,
  script: string,
  corrections: readonly string[],
): { readonly candidate: Candidate; readonly change: Edit } | undefined {
  const run = state.baseline ?? state.last;
  if (!run) return undefined;
  const tests = new Map<string, string>();
  const sources = new Map<string, string>();
  for (const path of reachable(state, script)) {
    const text = files.get(path);
    if (text === undefined) continue;
    if (isTest(path)) tests.set(path, text);
    else sources.set(path, text);
  }
  for (const candidate of [...correctedBy(corrections, sources), ...candidatesFor(run, tests, sources)]) {
    const change = asEdit(candidate, sources.get(candidate.path) ?? '');
    if (change && !state.tried.has(editKey(change))) return { candidate, change };
  }
  return undefined;
}

function isTest(path: string): boolean {
  return /(?:^|\/)(?:tests?|spec|__tests__)\/|[.-](?:test|spec)\.\w+$/.test(path);
}

/** The changed line with as many of the lines above it as make it occur once. */
function asEdit({ path, line, newLine }: Candidate, source: string): Edit | undefined {
  const lines = source.split('\n');
  for (let above = 0; above < line; above += 1) {
    const head = lines.slice(line - 1 - above, line - 1);
    const oldText = [...head, lines[line - 1] ?? ''].join('\n');
    const newText = [...head, newLine].join('\n');
    const unique = source.split(oldText).length === 2;
    // The undo must find its place as well.
    if (unique && source.replace(oldText, () => newText).split(newText).length === 2)
      return { path, oldText, newText };
  }
  return undefined;
}

function finished(state: Progress, last: TestRun): Move {
  const tests = last.passed === undefined ? 'the tests pass' : `all ${last.passed} tests pass`;
  if (state.kept.length === 0) {
    return answer(
      `I ran the tests and ${tests}, so there was nothing to repair and I changed nothing.`,
      'As the offline demo model I can only repair small mistakes that a failing test shows. Configure a real model for other tasks.',
    );
  }
  const before = state.kept.length === 1 ? 'One change' : `${state.kept.length} changes`;
  return answer(
    `${before} made the failing tests pass:`,
    describeKept(state),
    `I ran the tests again after the change: ${tests}. Review the diff before you apply it.`,
  );
}

function giveUp(state: Progress, reason: string): Move {
  const run = state.baseline ?? state.last;
  const names = run?.failing.map((name) => `“${name}”`).join(', ') ?? '';
  const verdict = state.judged ? 'it did not help' : 'the tests have not judged it';
  const left = state.open ? `A trial change is still in ${state.open.path}; ${verdict}.` : '';
  const trials = state.tried.size - state.kept.length;
  const tried =
    trials > 0 && reason === ''
      ? `I tried ${trials} small ${trials === 1 ? 'repair' : 'repairs'}; none of them made the tests pass, and I took each one back.`
      : '';
  const nothing =
    trials === 0 && reason === '' ? 'I found no line that one of my small repairs would fit.' : '';
  return answer(
    `The tests still fail${names === '' ? '' : `: ${names}`}. I could not repair this.`,
    reason,
    tried,
    nothing,
    state.kept.length > 0
      ? `These changes stay, since fewer tests fail with them:\n\n${describeKept(state)}`
      : '',
    left,
    run ? `What the tests say:\n\n\`\`\`text\n${run.excerpt}\n\`\`\`` : '',
  );
}

function describeKept(state: Progress): string {
  return state.kept
    .map((change) => {
      const line = lineOf(state.files.get(change.path) ?? '', change.newText);
      return `- \`${change.path}:${line}\`: \`${lastLine(change.oldText)}\` became \`${lastLine(change.newText)}\``;
    })
    .join('\n');
}

function couldNotRun(failure: DoneCall): Move {
  return answer(
    `I could not run the tests (\`${argument(failure, 'command')}\`), so I changed nothing.`,
    `The answer was: ${firstLine(failure.text)}`,
  );
}

function couldNotTell(last: TestRun): Move {
  return answer(
    'I ran the tests, but I cannot tell from the output whether they pass, so I changed nothing.',
    last.excerpt === '' ? '' : `\`\`\`text\n${last.excerpt}\n\`\`\``,
  );
}

/** The test script, or undefined where there is none. npm's own placeholder is none. */
function testScript(manifest: string | undefined): string | undefined {
  const script = manifest === undefined ? undefined : /"test"\s*:\s*"((?:\\.|[^"\\])*)"/.exec(manifest)?.[1];
  return script === undefined || script.includes('no test specified')
    ? undefined
    : script.replace(/\\(.)/g, '$1');
}

function commandOf(state: Progress): string {
  return state.commands.at(-1) ?? 'npm test';
}

function lineOf(text: string, piece: string): number {
  const at = text.indexOf(piece);
  return at < 0 ? 1 : text.slice(0, at + piece.length).split('\n').length;
}

function lastLine(text: string): string {
  return (text.split('\n').at(-1) ?? '').trim();
}

function read(path: string): PlannedCall {
  return { tool: TOOL.read, arguments: { path } };
}

function run(command: string): PlannedCall {
  return { tool: TOOL.run, arguments: { command } };
}

function edit({ path, oldText, newText }: Edit): PlannedCall {
  return { tool: TOOL.edit, arguments: { path, oldText, newText } };
}
