import { estimateText } from '../memory/working/token-estimate.ts';
import type { Tool } from './tool.ts';

const SENTENCE_CHARACTERS = 100;

/** All tools by name, each with a line about it as far as `tokens` go, in the order of the catalogue. */
export function indexOf(tools: readonly Tool[], tokens: number): string {
  const withWords = tools.map((tool) => `${tool.name}: ${firstSentence(tool.description)}`).join('\n');
  if (estimateText(withWords) <= tokens) return withWords;
  const names = tools.map(({ name }) => name).join(' ');
  if (estimateText(names) <= tokens) return names;
  const servers = Map.groupBy(tools, ({ server }) => server);
  const counted = [...servers].map(([server, own]) => `${server} (${own.length} tools)`).join('\n');
  return `${counted}\nThey are too many to name here: look for them by words.`;
}

export function firstSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const sentence = /^.+?[.!?](?= |$)/.exec(line)?.[0] ?? line;
  return sentence.length > SENTENCE_CHARACTERS ? `${sentence.slice(0, SENTENCE_CHARACTERS - 1)}…` : sentence;
}
