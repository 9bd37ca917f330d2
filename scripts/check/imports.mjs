// Checks the import table, .dependency-cruiser.cjs. Says so when a folder was not cruised at all: a compiler that
// dependency-cruiser cannot use makes it report success after looking at nothing.
import { join } from 'node:path';
import { root } from '../setup/project.mjs';
import { run } from '../setup/run.mjs';

const FOLDERS = ['extension/src', 'webview/src', 'mcp-servers', 'sandbox', 'scripts', 'test'];

const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
const flags = ['--no-progress', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
const { output } = await run(process.execPath, [cruiser, ...flags, ...FOLDERS]);

const { modules, summary } = parse(output);
const problems = summary.violations.map(
  ({ rule, from, to, cycle }) =>
    `${from} → ${cycle?.map(({ name }) => name).join(' → ') ?? to}\n    ${rule.name}: ${comment(rule.name)}`,
);
for (const folder of FOLDERS) {
  if (modules.some(({ source, dependencies }) => source.startsWith(`${folder}/`) && dependencies.length > 0))
    continue;
  problems.push(`${folder}: no import was seen there, so nothing was checked`);
}
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`dependency-cruiser did not answer with JSON:\n${text.slice(0, 4000)}`);
  }
}

function comment(name) {
  return summary.ruleSetUsed.forbidden.find((rule) => rule.name === name)?.comment ?? '';
}
