import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './project.mjs';

const LABEL = 22;

/** A new log file for one command, in place of the command's last one. */
export function openLog(name) {
  const folder = join(cache, 'log');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.log`);
  writeFileSync(file, '');
  return file;
}

/**
 * Runs one phase of a set-up and prints one line for it: its name, what it came to and how long it took. In a terminal
 * the line shows before that what `work` says meanwhile; elsewhere each such word gets a line.
 */
export async function phase(label, work) {
  const started = performance.now();
  const live = process.stdout.isTTY;
  const show = (text) => process.stdout.write(live ? `\r\x1b[K${text}` : `${text}\n`);
  const say = (text) => show(`  ${label.padEnd(LABEL)}${text} …`);
  if (live) process.stdout.write(`  ${label.padEnd(LABEL)}…`);
  let outcome = 'failed';
  try {
    const answer = await work(say);
    outcome = typeof answer === 'string' ? answer : 'done';
    return answer;
  } finally {
    show(`  ${label.padEnd(LABEL)}${outcome}  (${seconds(performance.now() - started)})`);
    if (live) process.stdout.write('\n');
  }
}

export function seconds(ms) {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Says on standard error what went wrong and what to do; the exit code for it is 1. */
export function complain(error, log) {
  const action = error.action ? `\n${error.action}` : '';
  const text = error.name === 'SetupError' ? error.message : (error.stack ?? String(error));
  process.stderr.write(
    `\n${text}${action}${log && statSync(log).size > 0 ? `\nThe full log: ${log}` : ''}\n`,
  );
}
