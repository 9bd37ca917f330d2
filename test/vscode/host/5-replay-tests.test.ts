import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { becomes, runAgent, strata, workspace } from './strata.ts';

const limitMs = 120_000;
const saved = z.object({ run: z.string(), file: z.string() });
const compared = z.object({ a: z.string(), b: z.string(), summary: z.array(z.string()) });

/** What a test run of the Test Explorer was told about a test. */
interface Told {
  readonly test: string;
  readonly result: 'passed' | 'failed' | 'errored';
  readonly message: vscode.TestMessage | undefined;
}

/** Runs everything in the Test Explorer, as its own button does, and listens to what its runs are told. */
async function runTestExplorer(): Promise<Told[]> {
  const { tests } = (await strata()).replays;
  const told: Told[] = [];
  let ended = false;
  const original = tests.createTestRun;
  tests.createTestRun = (...args) => {
    const run = original(...args);
    const { passed, failed, errored, end } = run;
    run.passed = (item, duration) => {
      told.push({ test: item.label, result: 'passed', message: undefined });
      passed(item, duration);
    };
    run.failed = (item, message, duration) => {
      told.push({ test: item.label, result: 'failed', message: [message].flat()[0] });
      failed(item, message, duration);
    };
    run.errored = (item, message, duration) => {
      told.push({ test: item.label, result: 'errored', message: [message].flat()[0] });
      errored(item, message, duration);
    };
    run.end = () => {
      ended = true;
      end();
    };
    return run;
  };
  try {
    await vscode.commands.executeCommand('testing.runAll');
    await becomes(
      () => ended,
      () => `no test run has ended; ${JSON.stringify(told)}`,
    );
  } finally {
    tests.createTestRun = original;
  }
  return told;
}

function textOf(message: vscode.TestMessage): string {
  return typeof message.message === 'string' ? message.message : message.message.value;
}

describe('recordings in the Test Explorer', function () {
  this.timeout(limitMs);
  let file = '';
  let run = '';
  const labels: string[] = [];
  const labelsNow = async (): Promise<void> => {
    const { tests } = (await strata()).replays;
    labels.length = 0;
    tests.items.forEach(({ label }) => labels.push(label));
  };

  before(async () => {
    const result = await runAgent('explorer', 'Where are the discounts?');
    assert.equal(result.status, 'succeeded');
    run = result.run;
  });

  after(() => {
    if (file) rmSync(path.dirname(file), { recursive: true, force: true });
  });

  it('a run that is saved is a test at once', async () => {
    const result = saved.parse(
      await vscode.commands.executeCommand('strata.saveRecording', { run, name: 'discounts' }),
    );
    file = result.file;
    assert.equal(file, path.join(workspace(), '.strata', 'replays', 'discounts.strata-run'));
    assert.ok(existsSync(file));
    const timer = setInterval(() => void labelsNow(), 50);
    try {
      await becomes(
        () => labels.includes('discounts'),
        () => `the tests are ${labels.join(', ')}`,
      );
    } finally {
      clearInterval(timer);
    }
  });

  it('it passes as it was recorded', async () => {
    const told = await runTestExplorer();
    assert.deepEqual(
      told.map(({ test, result }) => `${test}: ${result}`),
      ['discounts: passed'],
    );
  });

  it('it fails when a recorded result is edited, and shows both sides at their place in the file', async () => {
    const text = readFileSync(file, 'utf8');
    const result = /^ +src\/discounts\.js:\d.*$/m.exec(text)?.[0];
    assert.ok(result, 'the run has read no line of src/discounts.js');
    writeFileSync(file, text.replace(result, `${result} EDITED`));
    const [told, ...more] = await runTestExplorer();
    assert.deepEqual([told?.test, told?.result, more.length], ['discounts', 'failed', 0]);
    const message = told?.message;
    assert.ok(
      message?.expectedOutput !== undefined && message.actualOutput !== undefined && message.location,
    );
    assert.match(textOf(message), /^The replay diverges at step \d+ \(Model call/);
    assert.ok(message.expectedOutput.includes(result.trim()));
    assert.ok(!message.expectedOutput.includes('EDITED'));
    assert.ok(message.actualOutput.includes('EDITED'));
    assert.equal(message.location.uri.fsPath, file);
    const { line } = message.location.range.start;
    assert.match(readFileSync(file, 'utf8').split('\n')[line] ?? '', /type: step\.started/);
    writeFileSync(file, text);
  });

  it('a damaged file is an error at its line, and not a crash', async () => {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('kind: snapshot', 'kind: nothing'));
    const [told] = await runTestExplorer();
    assert.equal(told?.result, 'errored');
    assert.ok(told.message);
    assert.match(textOf(told.message), /discounts\.strata-run:\d+: kind: /);
    writeFileSync(file, text);
  });

  it('a file that is gone is no test any more', async () => {
    rmSync(file);
    // As the button above the tests does: the watcher of a folder that was just made may have missed it.
    await vscode.commands.executeCommand('testing.refreshTests');
    const timer = setInterval(() => void labelsNow(), 50);
    try {
      await becomes(
        () => !labels.includes('discounts'),
        () => `the tests are ${labels.join(', ')}`,
      );
    } finally {
      clearInterval(timer);
    }
  });

  it('a folder of recordings that goes takes its tests with it', async () => {
    writeFileSync(file, 'strata-run: 1\n');
    await vscode.commands.executeCommand('testing.refreshTests');
    const timer = setInterval(() => void labelsNow(), 50);
    const now = (): string => `the tests are ${labels.join(', ')}`;
    try {
      await becomes(() => labels.includes('discounts'), now);
      rmSync(path.dirname(file), { recursive: true });
      await becomes(() => !labels.includes('discounts'), now);
    } finally {
      clearInterval(timer);
    }
  });

  it('two runs are compared in a panel of their own', async () => {
    const other = await runAgent('explorer', 'Where is the tax?');
    const result = compared.parse(
      await vscode.commands.executeCommand('strata.compareRuns', { a: run, b: other.run }),
    );
    assert.equal(result.summary[0], 'They were given different tasks.');
    // The editor tells of a tab some time after it was opened.
    const shown = (): string =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview)
        .map(({ label }) => label)
        .join('\n');
    await becomes(() => /Where are the disc.* ↔ Where is the tax/.test(shown()), shown);
  });
});
