// `npm test`: sets the machine up, runs every test that can run on it, and sees that nothing is left behind.
// See CONTRIBUTING.md for the arguments. Node 20 without any package is enough to start it.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './setup/build.mjs';
import { continueUnderProjectNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { complain, openLog, phase } from './setup/phase.mjs';
import { root, SetupError } from './setup/project.mjs';

const PARTS = ['unit', 'integration', 'vscode'];

const log = openLog('test');
try {
  const options = readArguments();
  await ensurePackages(log);
  await continueUnderProjectNode();
  // Unit tests run the sources as they are.
  if (options.parts.some((part) => part !== 'unit')) await phase('build', () => build(log));
  const { runTests } = await import('./setup/test-run.mjs');
  process.exitCode = await runTests({ ...options, log });
} catch (error) {
  complain(error, log);
  process.exitCode = 1;
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'require-all': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
    },
  });
  // Tests that try a sample of many cases try all of them.
  if (values.soak) process.env['STRATA_SOAK'] = '1';
  const parts = positionals.filter((word) => PARTS.includes(word));
  const files = positionals.filter((word) => !PARTS.includes(word)).map((word) => resolve(word));
  for (const file of files) {
    if (file.endsWith('.test.ts') && partOf(file) !== undefined) continue;
    throw new SetupError(
      `${file} is no test file and no part.`,
      `The parts are ${PARTS.join(', ')}; test files are test/{unit,integration}/**/*.test.ts.`,
    );
  }
  const ofFiles = [...new Set(files.map(partOf))];
  const chosen = parts.length > 0 ? parts : ofFiles.length > 0 ? ofFiles : PARTS;
  return { parts: chosen, files, requireAll: values['require-all'], verbose: values.verbose };
}

function partOf(file) {
  return ['unit', 'integration'].find((part) => file.startsWith(resolve(root, 'test', part)));
}
