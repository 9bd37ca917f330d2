// Holds each bundle in dist/ to its budget in budgets.json. A bundle without a budget is a failure, and so is a budget
// without a bundle.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/project.mjs';

const dist = join(root, 'dist');
const budgets = JSON.parse(readFileSync(new URL('budgets.json', import.meta.url), 'utf8'));
const bundles = readdirSync(dist, { recursive: true })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.(cjs|mjs|js|css)$/.test(name));

const problems = [
  ...bundles
    .filter((name) => !(name in budgets))
    .map((name) => `dist/${name} has no budget in scripts/check/budgets.json`),
  ...Object.keys(budgets)
    .filter((name) => !bundles.includes(name))
    .map((name) => `scripts/check/budgets.json names ${name}, which the build does not make`),
];
for (const name of bundles.filter((bundle) => bundle in budgets)) {
  const size = statSync(join(dist, name)).size / 1000;
  if (size > budgets[name])
    problems.push(`dist/${name} has ${size.toFixed(0)} KB, and its budget is ${budgets[name]} KB`);
}
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
