import { fork, rerun } from './again-commands.ts';
import { agents } from './agents-command.ts';
import { diff } from './compare-command.ts';
import { importCommand } from './import-command.ts';
import { doctor } from './doctor-command.ts';
import type { Perform } from './perform.ts';
import { index, search } from './memory-commands.ts';
import { memory } from './remembered-command.ts';
import { apply, discard, exportCommand, restore, undo } from './result-commands.ts';
import { metrics } from './metrics-command.ts';
import { record } from './record-command.ts';
import { replay } from './replay-command.ts';
import { resume, run, runs, show } from './run-commands.ts';
import { mcp } from './mcp-command.ts';
import { tools } from './tools-command.ts';

interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly perform: Perform;
}

export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    run: { usage: 'run <agent> "<task>"', summary: 'run an agent on the folder', perform: run },
    agents: { usage: 'agents', summary: 'list the agents and workflows that can be run', perform: agents },
    runs: { usage: 'runs', summary: 'list the runs of the folder (--all: sub-runs too)', perform: runs },
    show: {
      usage: 'show <run>',
      summary: 'print the trace of a run (--diff: what it changed)',
      perform: show,
    },
    resume: { usage: 'resume <run>', summary: 'go on after the last finished step', perform: resume },
    replay: {
      usage: 'replay <run>',
      summary: 'run it again from its log alone, and compare (--check: recordings, --live, --from)',
      perform: replay,
    },
    fork: {
      usage: 'fork <run> <step>',
      summary: 'a new run: its steps up to that one, then live (--message, --route, …)',
      perform: fork,
    },
    rerun: { usage: 'rerun <run>', summary: 'a new run with the same input and files', perform: rerun },
    record: {
      usage: 'record <run>',
      summary: 'save it in .strata/replays (or --out), as a test for replay --check',
      perform: record,
    },
    diff: {
      usage: 'diff <run> <run>',
      summary: 'compare two runs, or recordings, step by step',
      perform: diff,
    },
    apply: { usage: 'apply <run>', summary: 'write what the run changed into the folder', perform: apply },
    undo: { usage: 'undo <run>', summary: 'put back the files that apply replaced', perform: undo },
    restore: {
      usage: 'restore <run> <step>',
      summary: 'put its files back to how that step left them, to apply that much',
      perform: restore,
    },
    discard: { usage: 'discard <run>', summary: 'remove the copy that the run worked on', perform: discard },
    export: {
      usage: 'export <run>',
      summary: 'write the run as OTLP/JSON (--out, --content)',
      perform: exportCommand,
    },
    metrics: {
    import: {
      usage: 'import <file>',
      summary: 'show traces of other programs as runs (OTLP in JSON, lines of JSON, protobuf)',
      perform: importCommand,
    },
      usage: 'metrics',
      summary: 'tokens, cost, latency, success and failures of the runs (--by, --since, --over, --key)',
      perform: metrics,
    },
    index: { usage: 'index', summary: 'bring the memory of the folder up to date', perform: index },
    search: { usage: 'search "<query>"', summary: 'search the memory of the folder', perform: search },
    memory: {
      usage: 'memory [<what>]',
      summary: 'list notes and runs; show, recall, rate, pin, confirm, add, forget, rebuild',
      perform: memory,
    },
    tools: {
      usage: 'tools [<what>]',
      summary: 'list tools; add, setup, remove, enable, disable <server>; call <tool> <json>',
      perform: tools,
    },
    mcp: {
      usage: 'mcp',
      summary: 'serve the tools to another program over MCP on standard streams (--server, --yes)',
      perform: mcp,
    },
    doctor: { usage: 'doctor', summary: 'check what Strata needs, and say what is missing', perform: doctor },
  }),
);

const OPTIONS = [
  ['-w, --workspace DIR', 'the folder to work on (default: the current one)'],
  ['--json', 'print the result as one line of JSON, last'],
  ['--in-place', 'run: change the files of the folder itself instead of a copy'],
  ['-y, --yes', 'run, resume, mcp: allow every tool call that is asked about; tools: agree to the set-up'],
  ['--server NAME', 'mcp: that server alone, under its own names (default: all of them)'],
  ['--live models|tools', 'replay: a new run in which that half is live, the other from the log'],
  ['--from STEP', 'replay: from the log up to that step, then live, as fork does'],
  ['-m, --message TEXT', 'fork: what the agent is told before its next step; memory rate: what was wrong'],
  ['--route ROUTE', 'run, fork: with another route or model, such as anthropic/claude-opus-4-6'],
  ['--prompt-file FILE', 'fork: go on with the agent’s prompt from that file'],
  ['--result-file FILE', 'fork: JSON that takes the place of the result of the step'],
  ['--conflicts RULE', 'apply: refuse (default), mark, ours or theirs, where both changed a file'],
  ['--all', 'runs: list sub-runs under their runs'],
  ['--unknown again|skip', 'resume: what to do with a step of which nobody knows whether it took effect'],
  ['-o, --out FILE', 'export, record: where to write (default: standard output, .strata/replays)'],
  ['--check [FILE…]', 'replay: check recordings (default: those of the folder); exit code 1 if one fails'],
  ['--npm PACKAGE', 'tools add: the server is an npm package'],
  ['--image IMAGE', 'tools add: … a Docker image'],
  ['--dockerfile PATH', 'tools add: … built from a Dockerfile of the folder'],
  ['--command PROGRAM', 'tools add: … a program of the base image, or a script of the folder'],
  ['--url URL', 'tools add: … reached over HTTP'],
  ['--files none|read|write', 'tools add: what it may do with the run’s copy (default: none)'],
  ['--network HOST,…', 'tools add: hosts that it may reach (default: none)'],
  ['--secret NAME', 'tools add: an environment variable whose value is a secret'],
  ['--env NAME=VALUE', 'tools add: an environment variable that is none'],
  ['--content', 'export: include messages, arguments and results'],
  ['--by WHAT', 'metrics: one line for each agent, route, model, tool, user, hour, day or week'],
  ['--since TIME', 'metrics: of the last 30m, 12h, 7d or 4w'],
  ['--over hour|day|week', 'metrics: each line over time as well'],
  ['--key NAME', 'metrics: the runs behind that line (of a time, as it is shown)'],
  ['--diff', 'show: print what the run changed'],
  ['--limit N', 'runs, search: at most N (default 20)'],
] as const;

export const HELP = [
  'Usage: strata <command> [options]',
  '',
  ...[...commands.values()].map(({ usage, summary }) => `  ${usage.padEnd(22)} ${summary}`),
  '',
  ...OPTIONS.map(([option, summary]) => `  ${option.padEnd(22)} ${summary}`),
  '',
  'A run id may be shortened to its end, and "last" is the newest run.',
  'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 paused and waiting for you, 130 stopped.',
].join('\n');
