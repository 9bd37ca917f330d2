import type { DoneCall } from './conversation.ts';
import { argument } from './conversation.ts';
import { TOOL } from './move.ts';
import type { TestRun } from './test-output.ts';
import { readTestRun } from './test-output.ts';

export interface Edit {
  readonly path: string;
  readonly oldText: string;
  readonly newText: string;
}

/** What has been tried so far, read off the calls. */
export interface Progress {
  /** Files as they are now, as far as they were read. `undefined`: it could not be read. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** The last run of the tests, and the one that the trial under way is measured against. */
  readonly last: TestRun | undefined;
  readonly baseline: TestRun | undefined;
  /** An edit whose effect is not settled yet. */
  readonly open: Edit | undefined;
  /** The open edit has been followed by a run of the tests. */
  readonly judged: boolean;
  /** Edits that made fewer tests fail, and stayed. */
  readonly kept: readonly Edit[];
  readonly tried: ReadonlySet<string>;
  /** The last edit call that failed, if nothing has gone well since. */
  readonly editFailure: DoneCall | undefined;
  /** An undo failed: the files are not as they were. */
  readonly stuck: boolean;
  readonly runFailure: DoneCall | undefined;
  readonly commands: readonly string[];
}

export function editKey({ path, oldText, newText }: Edit): string {
  return `${path}\n${oldText}\n${newText}`;
}

export function reversed({ path, oldText, newText }: Edit): Edit {
  return { path, oldText: newText, newText: oldText };
}

export function readProgress(calls: readonly DoneCall[]): Progress {
  const files = new Map<string, string | undefined>();
  const tried = new Set<string>();
  const kept: Edit[] = [];
  const commands: string[] = [];
  let last: TestRun | undefined;
  let baseline: TestRun | undefined;
  let open: Edit | undefined;
  let judged = false;
  let stuck = false;
  let editFailure: DoneCall | undefined;
  let runFailure: DoneCall | undefined;

  for (const call of calls) {
    if (call.tool === TOOL.read && call.arguments['startLine'] === undefined) {
      files.set(argument(call, 'path'), call.isError ? undefined : call.text);
    }
    if (call.tool === TOOL.edit) {
      const edit = {
        path: argument(call, 'path'),
        oldText: argument(call, 'oldText'),
        newText: argument(call, 'newText'),
      };
      const undoing = open !== undefined && editKey(edit) === editKey(reversed(open));
      if (!undoing) tried.add(editKey(edit));
      if (call.isError) {
        editFailure = call;
        stuck ||= undoing;
        continue;
      }
      editFailure = undefined;
      files.set(
        edit.path,
        files.get(edit.path)?.replace(edit.oldText, () => edit.newText),
      );
      open = undoing ? undefined : edit;
      judged = false;
    }
    if (call.tool === TOOL.run) {
      commands.push(argument(call, 'command'));
      runFailure = call.isError ? call : undefined;
      if (call.isError) continue;
      last = readTestRun(call.text);
      judged = open !== undefined;
      if (open && baseline && isBetter(last, baseline)) {
        kept.push(open);
        open = undefined;
        judged = false;
        baseline = last;
      } else if (!open) baseline = last;
    }
  }
  return { files, last, baseline, open, judged, kept, tried, editFailure, stuck, runFailure, commands };
}

/** Everything passes, or fewer tests fail and none that passed before. */
function isBetter(now: TestRun, before: TestRun): boolean {
  if (now.outcome === 'passed') return true;
  if (now.outcome !== 'failed' || now.failing.length === 0 || now.failing.length >= before.failing.length)
    return false;
  return now.failing.every((name) => before.failing.includes(name));
}
