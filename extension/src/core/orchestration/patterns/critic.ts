import type { AgentResult, Crew } from '../crew.ts';

/** What a critic's answer begins with when nothing is left to do. */
export const APPROVED = 'APPROVED';

/** The author works and the critic judges, until the critic approves or the rounds are over. Each sees the other's files. */
export async function withCritic(
  crew: Crew,
  { author, critic, rounds }: { readonly author: string; readonly critic: string; readonly rounds: number },
  task: string,
): Promise<Pick<AgentResult, 'outcome' | 'answer' | 'usd'>> {
  let usd = 0;
  let remarks = '';
  for (let round = 1; round <= rounds; round += 1) {
    const asked =
      remarks === '' ? task : `${task}\n\nA critic has looked at your work and says:\n\n${remarks}`;
    const work = await crew.perform({ agent: author, task: asked });
    usd += work.usd;
    if (work.outcome !== 'succeeded') return { ...work, usd };
    const verdict = await crew.perform({ agent: critic, task: judge(task, work) });
    usd += verdict.usd;
    if (verdict.outcome !== 'succeeded') return { ...verdict, usd };
    if (verdict.answer.trimStart().startsWith(APPROVED))
      return { outcome: 'succeeded', answer: work.answer, usd };
    remarks = verdict.answer;
  }
  const answer = `${critic} did not approve after ${rounds} rounds. Its last remarks:\n\n${remarks}`;
  return { outcome: 'failed', answer, usd };
}

function judge(task: string, { agent, answer, paths }: AgentResult): string {
  return [
    `Judge whether this task is done well:\n\n${task}`,
    `${agent} says:\n\n${answer}`,
    paths.length === 0
      ? 'No file was changed.'
      : `Files changed: ${paths.join(', ')}. They are in your workspace as they are now.`,
    `Begin your answer with ${APPROVED} if nothing must be changed. Otherwise say what must be changed, the most important first.`,
  ].join('\n\n');
}
