import type { DoneCall } from './conversation.ts';
import { argument, firstLine } from './conversation.ts';
import type { Move } from './move.ts';
import { answer, call, TOOL } from './move.ts';
import { sharedWords, wordsOf } from './words.ts';

const MAX_FILES = 4;
const LINES_PER_FILE = 3;
const CAVEAT =
  'This is the offline demo model: it matches the words of the task with the text of the files, and knows no more than what it quotes.';

/** Finds the places that share words with the task, reads them, and answers with links. */
export function exploreMove(task: string, calls: readonly DoneCall[], offered: ReadonlySet<string>): Move {
  const words = wordsOf(task);
  const pattern = words.slice(0, 6).join('|');
  const searched = calls.find(({ tool }) => tool === TOOL.find);
  const places = placesFound(calls, words);
  if (places.length === 0 && !searched && offered.has(TOOL.find) && pattern !== '') {
    const args = { pattern, ignoreCase: true, maxResults: 300 };
    return call("I'll search the files for the words of the task.", { tool: TOOL.find, arguments: args });
  }
  const read = calls.filter(({ tool }) => tool === TOOL.read);
  const wanted = places
    .map(({ path }) => path)
    .filter((path) => !read.some((done) => argument(done, 'path') === path));
  if (offered.has(TOOL.read) && wanted.length > 0 && read.length < MAX_FILES) {
    const next = wanted.slice(0, MAX_FILES - read.length);
    return call(
      `I'll read ${next.join(', ')}.`,
      ...next.map((path) => ({ tool: TOOL.read, arguments: { path } })),
    );
  }
  return report(words, calls, places);
}

interface Found {
  readonly path: string;
  readonly line: number;
}

/** Files in the order in which the searches named them. */
function placesFound(calls: readonly DoneCall[], words: readonly string[]): Found[] {
  const files = new Map<string, { readonly line: number; hits: number; readonly rank: number }>();
  for (const done of calls) {
    if (done.isError || (done.tool !== TOOL.recall && done.tool !== TOOL.find)) continue;
    for (const match of done.text.matchAll(/^([^\s:][^:\n]*\.[A-Za-z]\w*):(\d+)/gm)) {
      const [, path = '', line = '1'] = match;
      const known = files.get(path);
      if (known) known.hits += 1;
      else files.set(path, { line: Number(line), hits: 1 + 2 * sharedWords(words, path), rank: files.size });
    }
    // Memory ranks by itself; lines of a plain search are counted.
    if (done.tool === TOOL.recall && files.size > 0) break;
  }
  const ranked = [...files].sort(([, a], [, b]) => b.hits - a.hits || a.rank - b.rank);
  const byMemory = calls.some(
    ({ tool, isError, text }) => tool === TOOL.recall && !isError && /:\d/.test(text),
  );
  return (byMemory ? [...files] : ranked).map(([path, { line }]) => ({ path, line }));
}

function report(words: readonly string[], calls: readonly DoneCall[], places: readonly Found[]): Move {
  const troubles = calls
    .filter(({ isError }) => isError)
    .map((done) => `- ${done.tool}: ${firstLine(done.text)}`);
  const trouble = troubles.length > 0 ? `Not everything worked:\n\n${[...new Set(troubles)].join('\n')}` : '';
  const read = calls.filter(({ tool, isError }) => tool === TOOL.read && !isError);
  const quoted = read.flatMap((done) => quotes(argument(done, 'path'), done.text, words));
  if (quoted.length > 0) {
    return answer('These places share the most words with the task:', quoted.join('\n'), trouble, CAVEAT);
  }
  if (places.length > 0) {
    const links = places.slice(0, 8).map(({ path, line }) => `- \`${path}:${line}\``);
    return answer('The search named these places; I have not read them:', links.join('\n'), trouble, CAVEAT);
  }
  return answer('I found nothing in the workspace that shares words with the task.', trouble, CAVEAT);
}

/** The lines that share the most words with the task; of equals, definitions first. */
function quotes(path: string, text: string, words: readonly string[]): string[] {
  const scored = text.split('\n').map((line, index) => {
    const shared = sharedWords(words, line);
    const defines = /\b(?:class|function|interface|type|const|def|fn|struct|export)\b|^#+ /.test(line);
    return { line: line.trim(), number: index + 1, score: shared === 0 ? 0 : shared * 2 + (defines ? 1 : 0) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.number - b.number)
    .slice(0, LINES_PER_FILE)
    .sort((a, b) => a.number - b.number)
    .map(({ line, number }) => `- \`${path}:${number}\`: \`${line.slice(0, 160).replaceAll('`', "'")}\``);
}
