import { StrataError } from '../../base/errors.ts';

export function emptyPrompt(agent: string): StrataError {
  return new StrataError(
    'task-missing',
    `Nothing was asked of ${agent}.`,
    'Say after @strata what it shall do, such as “@strata Make the failing test pass”.',
  );
}

export function agentNotNamed(names: readonly string[]): StrataError {
  return new StrataError(
    'agent-not-named',
    'The command /agent wants the name of an agent or a workflow, and then what it shall do.',
    `Write “@strata /agent ${names[0] ?? 'coder'} …”. There are: ${names.join(', ')}.`,
  );
}

export function folderTakenAway(): StrataError {
  return new StrataError(
    'folder-taken-away',
    'The run was stopped, because its folder was taken out of this window.',
    'Add the folder again to look at what it did.',
  );
}
