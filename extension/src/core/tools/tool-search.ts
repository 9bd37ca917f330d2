import { splitWords } from '../memory/retrieval/words.ts';
import type { Tool } from './tool.ts';

const MOST = 12;
/** A word in a tool's name says more of it than one in its description. */
const WEIGHTS = { name: 5, title: 4, tags: 3, arguments: 1, description: 1 } as const;

/** The tools that have the most of the words, the best first; equal ones in the order of the catalogue. */
export function bestMatches(tools: readonly Tool[], asked: string): readonly Tool[] {
  const wanted = [...new Set(splitWords(asked).map(stem))].filter((word) => !COMMON.has(word));
  const entries = tools.map((tool) => ({ tool, weights: weightsOf(tool) }));
  const rarity = new Map(
    wanted.map((word) => [
      word,
      rarityOf(entries.filter(({ weights }) => weights.has(word)).length, tools.length),
    ]),
  );
  return entries
    .map(({ tool, weights }) => ({
      tool,
      score: wanted.reduce((sum, word) => sum + (weights.get(word) ?? 0) * (rarity.get(word) ?? 0), 0),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ tool }) => tool);
}

/** A word that every tool has tells nothing; the usual inverse document frequency. */
function rarityOf(found: number, all: number): number {
  return found === 0 ? 0 : Math.log(1 + all / found);
}

function weightsOf(tool: Tool): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const word of splitWords(text).map(stem))
      weights.set(word, Math.max(weights.get(word) ?? 0, weight));
  };
  const { properties } = tool.inputSchema;
  add(tool.description, WEIGHTS.description);
  if (typeof properties === 'object' && properties !== null)
    add(Object.keys(properties).join(' '), WEIGHTS.arguments);
  add((tool.tags ?? []).join(' '), WEIGHTS.tags);
  add(tool.title ?? '', WEIGHTS.title);
  add(tool.name, WEIGHTS.name);
  return weights;
}

/** `issues` finds `issue`, and `creating` finds `create`. Crude, and the same on both sides. */
function stem(word: string): string {
  return word.length <= 4 ? word.replace(/s$/, '') : word.replace(/(ing|ed|es|s|e)$/, '');
}

const COMMON = new Set([
  'a',
  'an',
  'the',
  'of',
  'to',
  'in',
  'for',
  'and',
  'or',
  'with',
  'on',
  'by',
  'from',
  'i',
  'my',
  'it',
]);
