import * as vscode from 'vscode';
import type { ForkRequest } from '../../core/orchestration/index.ts';
import { chooseRun, isAtRest } from './choose.ts';
import { chooseFork } from './choose-fork.ts';
import type { Command } from './context.ts';
import { follow, offer } from './follow.ts';
import { requireTrust } from '../require-trust.ts';

export const replayRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to replay', isAtRest);
  if (args.live) {
    requireTrust();
    return follow(context, session, await session.core.replayHalf(run, args.live), args.wait ?? false);
  }
  const report = await session.core.replay(run);
  const open = { title: 'Open Trace', run, command: 'strata.openTrace' };
  if (report.verdict === 'diverged') {
    const where = report.divergence?.step === undefined ? 'at its end' : `at step ${report.divergence.step}`;
    offer(
      context,
      vscode.window.showWarningMessage(
        `The replay diverged ${where}: recorded ${shorten(report.divergence?.recorded)}, replayed ${shorten(report.divergence?.actual)}.`,
        open,
      ),
    );
  } else {
    const equal = report.verdict === 'equal' ? 'No divergence' : 'No divergence as far as the recording goes';
    offer(
      context,
      vscode.window.showInformationMessage(
        `${equal}: ${report.steps} steps replayed from the log, without a model, a tool or the network.`,
        open,
      ),
    );
  }
  return report;
};

/** The other half of the run is answered from its log. */
export const replayWithLiveModels: Command = (context, args) =>
  replayRun(context, { ...args, live: 'models' });
export const replayWithLiveTools: Command = (context, args) => replayRun(context, { ...args, live: 'tools' });

export const rerunRun: Command = async (context, args) => {
  requireTrust();
  const { session, run } = await chooseRun(context, args, 'Run to do again from its start');
  const begun = await follow(context, session, await session.core.rerun(run), args.wait ?? false);
  if (args.ask) await show(begun.run);
  return begun;
};

/** With a run and a step it asks nothing, unless it came from a view. */
export const forkRun: Command = async (context, args) => {
  requireTrust();
  const { session, run } = await chooseRun(context, args, 'Run to fork');
  const { step, text, route, prompt, result } = args;
  const edit = {
    ...(text === undefined ? {} : { text }),
    ...(route === undefined ? {} : { route }),
    ...(prompt === undefined ? {} : { prompt }),
  };
  const asked = step === undefined || args.ask === true;
  const request: ForkRequest = asked
    ? await chooseFork(context, session, run, step)
    : {
        ...{ run, step },
        ...(Object.keys(edit).length > 0 ? { edit } : {}),
        ...(result === undefined ? {} : { result }),
      };
  const begun = await follow(context, session, await session.core.fork(request), args.wait ?? false);
  if (asked) await show(begun.run);
  return begun;
};

async function show(run: string): Promise<void> {
  await vscode.commands.executeCommand('strata.openTrace', { run });
}

function shorten(text = ''): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
