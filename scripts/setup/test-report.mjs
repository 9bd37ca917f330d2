import { seconds } from './phase.mjs';

const COUNTS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
const SKIPPED = /^- (.+?) # SKIP ?(.*)$/;

/** Counts what the tests came to and prints it: a line per file, what failed, the reasons for skips, one last line. */
export class TestReport {
  passed = 0;
  failed = 0;
  skipped = 0;
  #verbose;
  #skips = [];
  #failures = [];
  #notes = [];
  #rest = '';
  #foreign = { passed: 0, failed: 0, skipped: 0 };

  constructor({ verbose }) {
    this.#verbose = verbose;
  }

  startPart(part) {
    print(`\n${part}`);
  }

  note(text) {
    this.#notes.push(text);
  }

  file({ name, tests, ms, output, stopped }) {
    const count = (wanted) => tests.filter(({ outcome }) => outcome === wanted).length;
    const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
    this.passed += passed;
    this.skipped += skipped;
    const extra = [failed > 0 ? `, ${failed} failed` : '', skipped > 0 ? `, ${skipped} skipped` : ''].join(
      '',
    );
    const mark = failed > 0 ? '✖' : stopped ? '-' : '✔';
    print(`${mark} ${name}  ${passed} passed${extra}${stopped ? ', stopped' : ''}  (${seconds(ms)})`);
    for (const test of tests) {
      if (test.outcome === 'skipped') this.#skips.push([`${name}: ${test.name}`, test.reason]);
      if (test.outcome === 'failed') this.fail(`${name}: ${test.name}`, test.error);
      else if (this.#verbose)
        print(`    ${test.outcome === 'skipped' ? '-' : '✔'} ${test.name}  (${Math.round(test.ms)} ms)`);
    }
    if (this.#verbose && output.trim() !== '') print(indent(output.trimEnd()));
  }

  /** Something that failed. It is printed at once, and again at the end. */
  fail(name, text = '') {
    this.failed += 1;
    this.#failures.push(name);
    print(`✖ ${name}${text === '' ? '' : `\n${indent(text)}`}`);
  }

  skip(name, reason) {
    this.skipped += 1;
    this.#skips.push([name, reason]);
  }

  /** Output of another runner that prints the way ours does: `✔`, `✖`, `- name # SKIP why`, and the counts last. */
  foreign(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#foreignLine(line);
  }

  endForeign(ms) {
    if (this.#rest !== '') this.#foreignLine(this.#rest);
    const { passed, failed, skipped } = this.#foreign;
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
    if (failed > 0) this.#failures.push(`test/vscode (${failed})`);
    print(`${failed > 0 ? '✖' : '✔'} test/vscode  ${passed} passed  (${seconds(ms)})`);
    return this.#foreign;
  }

  #foreignLine(line) {
    const counts = COUNTS.exec(line);
    if (counts) {
      this.#foreign = {
        passed: Number(counts[1]),
        failed: Number(counts[2]),
        skipped: Number(counts[3] ?? 0),
      };
      return;
    }
    const skip = SKIPPED.exec(line);
    if (skip) this.#skips.push([`test/vscode: ${skip[1]}`, skip[2]]);
    // What passed is said in one line at the end, unless more was asked for.
    if (this.#verbose || !/^(✔|- )/.test(line)) print(line);
  }

  finish() {
    const byReason = Map.groupBy(this.#skips, ([, reason]) => reason || 'no reason given');
    if (byReason.size > 0) print('\nSkipped:');
    for (const [reason, skips] of byReason)
      print(`- ${reason}\n${indent(skips.map(([name]) => name).join('\n'))}`);
    for (const note of this.#notes) print(`\n${note}`);
    if (this.#failures.length > 0)
      print(`\nFailed:\n${this.#failures.map((name) => `✖ ${name}`).join('\n')}`);
    print(`\n${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`);
  }
}

function indent(text) {
  return text.replaceAll(/^/gm, '    ');
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
