import { childRunId } from '../../extension/src/protocol/run-event.ts';
import type { ModelUse, RunId } from '../../extension/src/protocol/run-event.ts';
import { rollUpOf } from '../../extension/src/protocol/totals.ts';
import { RecordedRun } from './recorded-run.ts';
import { RecordedTeam } from './recorded-team.ts';

const START = Date.UTC(2026, 9, 5, 9, 30);
export const ROOT: RunId = 'r-0001mb3kq7xw2d72';

const use = (usd: number): ModelUse => ({
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  usage: { input: 4200, output: 310 },
  cost: { kind: 'priced', usd },
});

const toolCall = (run: RecordedRun, step: string, name: string, ms: number, text: string): void => {
  run.begin(step, 'tool', name, { arguments: { path: `src/${text}.ts` } });
  run.finish(step, ms, { content: [{ type: 'text', text }], isError: false });
};

/** A coder that has asked a reader twice and two testers at once; the second reader asked a helper of its own. */
export function nestedRuns({ live = false } = {}): RecordedTeam {
  const root = new RecordedRun(ROOT, START).start('Make the discount tests pass', 'coder');
  root.live = live;
  const team = new RecordedTeam(root);
  const sub = (around: RecordedRun, step: string, agent: string, task: string): RecordedRun => {
    const id = childRunId(around.id, step, 0);
    around.begin(step, 'agent', agent, { task }, { child: id });
    const origin = { kind: 'sub-run', run: around.id, step } as const;
    const run = new RecordedRun(id, around.at).start(task, agent, { origin });
    team.add(run);
    return run;
  };
  const end = (around: RecordedRun, run: RecordedRun, step: string): void => {
    run.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: 'Done.' } });
    const view = run.view();
    if (!view) throw new Error('A run that was written to has a view.');
    around.wait(Math.max(0, run.at - around.at));
    const durationMs = run.at - (around.view()?.steps.find(({ id }) => id === step)?.startedAt ?? run.at);
    around.append({
      ...{ type: 'step.finished', step, output: { inline: { outcome: 'succeeded', answer: 'Done.' } } },
      ...{ durationMs, rollUp: rollUpOf(view) },
    });
  };
  const chat = (run: RecordedRun, step: string, ms: number, usd: number): void => {
    run.begin(step, 'chat', 'code', { route: 'code' });
    run.finish(step, ms, { message: { role: 'assistant', content: [] } }, { model: use(usd) });
  };

  root.begin('1', 'snapshot', 'workspace', {}).finish('1', 180, { tree: 'a'.repeat(40), files: 42 });
  chat(root, '2', 1400, 0.011);

  const reader = sub(root, '3', 'reader', 'Find where the discount is applied');
  chat(reader, '1', 900, 0.006);
  toolCall(reader, '2', 'files_read', 240, 'till');
  chat(reader, '3', 1200, 0.007);
  end(root, reader, '3');

  chat(root, '4', 1100, 0.012);
  toolCall(root, '5', 'files_edit', 120, 'till');

  const again = sub(root, '6', 'reader', 'Read the tests');
  chat(again, '1', 700, 0.006);
  const helper = sub(again, '2', 'helper', 'List the cases');
  toolCall(helper, '1', 'files_list', 160, 'cases');
  chat(helper, '2', 1300, 0.004);
  end(again, helper, '2');
  chat(again, '3', 800, 0.006);
  end(root, again, '6');

  const unit = sub(root, '7', 'tester', 'Run the unit tests');
  const whole = sub(root, '8', 'tester', 'Run the whole suite');
  toolCall(unit, '1', 'shell_run', 1500, 'unit');
  whole.begin('1', 'tool', 'shell_run', { arguments: { command: 'npm test' } });
  whole.finish(
    '1',
    2600,
    { content: [{ type: 'text', text: '1 failed' }], isError: true },
    { isError: true },
  );
  end(root, unit, '7');
  if (live) {
    whole.begin('2', 'chat', 'code', { route: 'code' });
    root.wait(whole.at - root.at);
    return team;
  }
  chat(whole, '2', 900, 0.005);
  end(root, whole, '8');
  chat(root, '9', 1000, 0.012);
  root.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: 'They pass.' } });
  return team;
}
