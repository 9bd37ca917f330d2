import * as vscode from 'vscode';
import type { RunFilter, RunSummary } from '../node/sqlite/index.ts';
import { given } from './dismissed.ts';
import type { FolderRuns } from './folder-runs.ts';
import { filterWords, GROUPING_WORDS, GROUPINGS, STATUS_WORDS } from './run-list-words.ts';
import type { Grouping } from './run-list-words.ts';

const MOST_MODELS = 100;
const MOST_USERS = 100;

export async function chooseGrouping(now: Grouping): Promise<Grouping> {
  const items = GROUPINGS.map((grouping) => ({
    label: GROUPING_WORDS[grouping],
    ...(grouping === now ? { description: 'as it is now' } : {}),
    grouping,
  }));
  return given(await vscode.window.showQuickPick(items, { placeHolder: 'How the runs are put together' }))
    .grouping;
}

interface FilterItem extends vscode.QuickPickItem {
  readonly choose: () => Promise<RunFilter>;
}

/** The filter with one part of it changed, or without any. */
export async function chooseFilter(now: RunFilter, folders: readonly FolderRuns[]): Promise<RunFilter> {
  const { text, agent, status, model, user, errors, ...rest } = now;
  const parts = { text, agent, status, model, user, errors };
  const changed = (change: {
    readonly [part in keyof typeof parts]?: RunFilter[part] | undefined;
  }): RunFilter => {
    const given = Object.entries({ ...parts, ...change }).filter(([, value]) => value !== undefined);
    return { ...rest, ...Object.fromEntries(given) };
  };
  const words = filterWords(now);
  const items: readonly FilterItem[] = [
    {
      label: 'Words…',
      description: text ?? '',
      detail: 'In the task, the agent, the id or the path of a changed file',
      choose: async () => changed({ text: (await askText(text ?? '')) || undefined }),
    },
    {
      label: 'Agent…',
      description: agent ?? '',
      choose: async () => changed({ agent: await pickOne('agent', agent, agentsOf(folders)) }),
    },
    {
      label: 'State…',
      description: status?.map((one) => STATUS_WORDS[one]).join(', ') ?? '',
      choose: async () => changed({ status: await pickStatus(status) }),
    },
    {
      label: 'Model…',
      description: model ?? '',
      choose: async () => changed({ model: await pickOne('model', model, modelsOf(folders)) }),
    },
    {
      label: 'User…',
      description: user ?? '',
      detail: 'Who started it',
      choose: async () => changed({ user: await pickOne('user', user, usersOf(folders)) }),
    },
    {
      label: 'Only with Errors',
      description: errors ? 'as it is now' : '',
      detail: 'Something failed in it, even if the run went on',
      choose: () => Promise.resolve(changed({ errors: errors ? undefined : true })),
    },
    ...(words === undefined
      ? []
      : [{ label: 'Show All Runs', description: words, choose: () => Promise.resolve(rest) }]),
  ];
  const placeHolder = words === undefined ? 'Show only runs with…' : `Shown are only runs with ${words}`;
  return given(await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true })).choose();
}

async function askText(value: string): Promise<string> {
  const prompt = 'Words to look for; empty to look for none';
  return given(await vscode.window.showInputBox({ value, prompt, placeHolder: 'fix the till' })).trim();
}

async function pickOne(
  what: string,
  now: string | undefined,
  values: readonly string[],
): Promise<string | undefined> {
  const items = [
    { label: `Every ${what}`, value: undefined },
    ...values.map((value) => ({
      label: value,
      ...(value === now ? { description: 'as it is now' } : {}),
      value,
    })),
  ];
  return given(await vscode.window.showQuickPick(items, { placeHolder: `Show only runs of this ${what}` }))
    .value;
}

async function pickStatus(now: RunFilter['status']): Promise<readonly RunSummary['status'][] | undefined> {
  const items = Object.entries(STATUS_WORDS).map(([, label]) => ({
    label,
    picked: now?.some((one) => STATUS_WORDS[one] === label) ?? false,
  }));
  const picked = given(
    await vscode.window.showQuickPick(items, { canPickMany: true, placeHolder: 'None is the same as all' }),
  );
  const chosen = STATUSES.filter((one) => picked.some(({ label }) => label === STATUS_WORDS[one]));
  return chosen.length === 0 ? undefined : chosen;
}

const STATUSES = [
  'running',
  'paused',
  'interrupted',
  'failed',
  'stopped',
  'succeeded',
] as const satisfies readonly RunSummary['status'][];

function agentsOf(folders: readonly FolderRuns[]): readonly string[] {
  return [...new Set(folders.flatMap(({ groups }) => groups.byAgent({}).map(({ key }) => key)))];
}

function modelsOf(folders: readonly FolderRuns[]): readonly string[] {
  return [...new Set(folders.flatMap(({ groups }) => groups.models(MOST_MODELS)))];
}

function usersOf(folders: readonly FolderRuns[]): readonly string[] {
  return [...new Set(folders.flatMap(({ groups }) => groups.users(MOST_USERS)))];
}
