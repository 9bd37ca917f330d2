import * as vscode from 'vscode';
import { StrataError } from '../../../base/errors.ts';
import type { Rating } from '../../../protocol/run-event.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { given } from '../../dismissed.ts';
import type { FolderMemory, MemoryPorts } from '../memory-ports.ts';
import { askCorrection } from './remembered.ts';

export async function rateRun(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const rated = await ratedRun(ports, args);
  const { rating } = rated.folder.view(rated.run) ?? {};
  if (args.verdict !== undefined || args.text !== undefined)
    return say(ports, rated, {
      ...(args.verdict === undefined ? {} : { verdict: args.verdict }),
      ...(args.text === undefined ? {} : { correction: args.text }),
    });
  const takeBack = { label: '$(circle-slash) Take the Rating Back', verdict: 'none' } as const;
  const items = [
    {
      label: '$(thumbsup) Helpful',
      detail: 'Later runs are told that this is how it is done.',
      verdict: 'up',
    },
    {
      label: '$(thumbsdown) Not Helpful…',
      detail: 'You are asked what it should have done; later runs are told so.',
      verdict: 'down',
    },
    ...(rating?.verdict === undefined ? [] : [takeBack]),
  ] as const;
  const { verdict } = given(await vscode.window.showQuickPick(items, { title: 'Rate Run' }));
  return verdict === 'down' ? rateRunDown(ports, args) : say(ports, rated, { verdict });
}

export async function rateRunUp(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  return say(ports, await ratedRun(ports, args), { verdict: 'up' });
}

/** The thumb counts at once; what should have been done may be left unsaid. */
export async function rateRunDown(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const rated = await ratedRun(ports, args);
  await say(ports, rated, { verdict: 'down' });
  const before = rated.folder.view(rated.run)?.rating.correction ?? '';
  const typed = args.text ?? (await askCorrection(before));
  const correction = typed?.trim();
  if (correction === undefined || correction === before) return { run: rated.run, verdict: 'down' };
  return say(ports, rated, { correction });
}

interface RatedRun {
  readonly folder: FolderMemory;
  readonly run: string;
}

async function ratedRun(ports: MemoryPorts, { run }: CommandArguments): Promise<RatedRun> {
  const { folders } = await ports.find();
  const wanted = run ?? (await pickRun(folders));
  const folder = folders.find((one) => one.has(wanted));
  if (folder) return { folder, run: wanted };
  throw new StrataError(
    'run-not-found',
    `There is no run ${wanted} in the open folders.`,
    'Pick one in the Runs view.',
  );
}

async function pickRun(folders: readonly FolderMemory[]): Promise<string> {
  const items = folders.flatMap((folder) =>
    folder.runs(MOST_OFFERED).map((run) => ({
      label: run.task.split('\n')[0] ?? run.task,
      description: `${run.agent} · ${run.status}`,
      run: run.id,
    })),
  );
  if (items.length === 0)
    throw new StrataError('no-run', 'There is no run here yet.', 'Start one with “Strata: Run Agent…”.');
  return given(await vscode.window.showQuickPick(items, { placeHolder: 'Run to rate' })).run;
}

async function say(ports: MemoryPorts, { folder, run }: RatedRun, rating: Rating): Promise<unknown> {
  await folder.rate(run, rating);
  ports.refresh();
  return { run, ...rating };
}

const MOST_OFFERED = 200;
