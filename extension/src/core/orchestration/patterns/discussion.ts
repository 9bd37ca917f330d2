import type { AgentResult, Crew } from '../crew.ts';

export interface Discussion {
  readonly chair: string;
  readonly members: readonly string[];
  /** Contributions of members, all together. */
  readonly rounds: number;
}

/** Members speak as the chair calls on them, each knowing all that was said; the chair's last word is the answer. */
export async function discuss(
  crew: Crew,
  { chair, members, rounds }: Discussion,
  task: string,
): Promise<Pick<AgentResult, 'outcome' | 'answer' | 'usd'>> {
  const said: string[] = [];
  let usd = 0;
  for (let spoken = 0; ;) {
    const last = spoken >= rounds;
    const word = await crew.perform({ agent: chair, task: callOn(task, members, said, last) });
    usd += word.usd;
    if (word.outcome !== 'succeeded') return { ...word, usd };
    const next = last ? undefined : nextSpeaker(word.answer, members);
    if (!next) return { outcome: 'succeeded', answer: word.answer.replace(/^\s*DONE:\s*/, ''), usd };
    const spoke = await crew.perform({ agent: next.member, task: speak(task, said, next.question) });
    usd += spoke.usd;
    const failed = spoke.outcome === 'succeeded' ? '' : ` (${spoke.outcome})`;
    said.push(`${next.member}${failed}: ${spoke.answer}`);
    spoken += 1;
  }
}

function callOn(task: string, members: readonly string[], said: readonly string[], last: boolean): string {
  return [
    `You chair a discussion about this:\n\n${task}`,
    `Members: ${members.join(', ')}.`,
    minutes(said),
    last
      ? 'The discussion is over. Give its conclusion.'
      : 'Either call on one member: begin your answer with "NEXT: name" and then say what they should speak about. Or, when enough has been said, begin it with "DONE:" and give the conclusion.',
  ].join('\n\n');
}

function speak(task: string, said: readonly string[], question: string): string {
  return [
    `You take part in a discussion about this:\n\n${task}`,
    minutes(said),
    `The chair calls on you: ${question || 'say what you think.'} Speak briefly and to the point.`,
  ].join('\n\n');
}

function minutes(said: readonly string[]): string {
  return said.length === 0 ? 'Nobody has spoken yet.' : `What was said so far:\n\n${said.join('\n\n')}`;
}

/** An answer that calls on nobody is a conclusion, whatever it begins with. */
function nextSpeaker(
  answer: string,
  members: readonly string[],
): { readonly member: string; readonly question: string } | undefined {
  const [, name, question] = /^\s*NEXT:\s*([\w-]+)\s*([\s\S]*)$/.exec(answer) ?? [];
  const member = members.find((one) => one === name);
  return member === undefined ? undefined : { member, question: (question ?? '').trim() };
}
