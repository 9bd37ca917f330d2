// `npm run check`: everything that can be known without running the product. No warnings: a finding is a failure.
// `npm run check -- types lint` runs the named steps only; `--all` goes on after a failure.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { continueUnderProjectNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { complain, openLog, seconds } from './setup/phase.mjs';
import { root, SetupError } from './setup/project.mjs';
import { run } from './setup/run.mjs';

const tool = (path) => join(root, 'node_modules', path);
const script = (name) => join(root, 'scripts', 'check', name);

/** The longest first, so that the processors stay busy to the end. */
const steps = [
  { name: 'lint', commands: [[tool('eslint/bin/eslint.js'), '.', '--max-warnings', '0']] },
  {
    name: 'types',
    commands: [
      [tool('typescript/bin/tsc'), '--pretty', 'false', '-p', '.'],
      [tool('typescript/bin/tsc'), '--pretty', 'false', '-p', 'webview'],
    ],
  },
  { name: 'format', commands: [[tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']] },
  { name: 'imports', commands: [[script('imports.mjs')]] },
  {
    name: 'dead code',
    commands: [[tool('knip/bin/knip.js'), '--no-progress', '--treat-config-hints-as-errors']],
  },
  { name: 'bundle sizes', commands: [[join(root, 'esbuild.mjs')], [script('sizes.mjs')]] },
];

const log = openLog('check');
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false } },
  });
  for (const name of positionals) {
    if (steps.some((step) => step.name === name)) continue;
    throw new SetupError(
      `There is no step ${name}.`,
      `The steps are: ${steps.map((step) => step.name).join(', ')}.`,
    );
  }
  await ensurePackages(log);
  await continueUnderProjectNode();
  process.exitCode = await check(
    steps.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    values.all,
  );
} catch (error) {
  complain(error, log);
  process.exitCode = 1;
}

/** Returns the exit code. After the first failure nothing new is started, unless `all`. */
async function check(wanted, all) {
  const waiting = [...wanted];
  let failed = 0;
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined && (all || failed === 0); step = waiting.shift()) {
      const { ok, output, ms } = await runStep(step);
      if (!ok) failed += 1;
      console.log(`${ok ? '✔' : '✖'} ${step.name.padEnd(14)} ${seconds(ms)}`);
      if (!ok && (all || failed === 1)) console.log(output.trimEnd());
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, work));
  return failed === 0 ? 0 : 1;
}

async function runStep({ commands }) {
  let [ok, output, ms] = [true, '', 0];
  for (const args of commands) {
    const ended = await run(process.execPath, args, { log });
    ok &&= ended.code === 0;
    output += ended.output;
    ms += ended.ms;
  }
  return { ok, output, ms };
}
