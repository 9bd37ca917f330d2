/** A run of an earlier turn of the same chat. */
export interface EarlierRun {
  readonly prompt: string;
  readonly answer: string;
  /** Files that it changed and that nobody has applied: the next run does not see them. */
  readonly unapplied: readonly string[];
}

/** A file that came with the request, by its path in the folder; lines from 1, both included. */
export interface NamedFile {
  readonly path: string;
  readonly lines?: readonly [from: number, to: number];
  /** The editor gave it by itself, since it is open. */
  readonly implicit: boolean;
}

const MOST_EARLIER = 5;
const MOST_CHARACTERS = 4_000;

/**
 * What the agent is told: the prompt first, since lists show the first line, then what it refers to and what was said before.
 * Each run begins anew, so that it can be replayed by itself; the chat so far comes with its task.
 */
export function chatTask(
  prompt: string,
  files: readonly NamedFile[],
  earlier: readonly EarlierRun[],
): string {
  const named = files.filter(({ implicit }) => !implicit);
  const open = files.filter(({ implicit }) => implicit);
  return [
    prompt,
    ...(named.length > 0 ? [`Files that come with this:\n${fileList(named)}`] : []),
    ...(open.length > 0 ? [`Open in the editor:\n${fileList(open)}`] : []),
    ...(earlier.length > 0
      ? [`Earlier in this chat:\n\n${earlier.slice(-MOST_EARLIER).map(earlierWords).join('\n\n')}`]
      : []),
  ].join('\n\n');
}

function fileList(files: readonly NamedFile[]): string {
  return files
    .map(({ path, lines }) => `- ${path}${lines ? `, lines ${lines[0]} to ${lines[1]}` : ''}`)
    .join('\n');
}

function earlierWords({ prompt, answer, unapplied }: EarlierRun): string {
  const left =
    unapplied.length === 0
      ? ''
      : `\n(It changed ${unapplied.join(', ')}. That was not applied, so the files do not have it.)`;
  return `User: ${shortened(prompt)}\nAgent: ${shortened(answer)}${left}`;
}

function shortened(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** `/agent reviewer Look at src` names its agent in the prompt. */
export function namedAgent(prompt: string): { readonly agent: string; readonly prompt: string } | undefined {
  const [, agent, rest] = /^\s*(\S+)\s+(\S[\s\S]*)$/.exec(prompt) ?? [];
  return agent === undefined || rest === undefined ? undefined : { agent, prompt: rest };
}
