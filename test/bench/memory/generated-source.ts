import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomFrom } from './random.ts';

/** Functions to a file; each becomes a chunk. */
export const FUNCTIONS_A_FILE = 10;

/**
 * Source files whose words are spread as in real code: a few stand everywhere, most in few places. Always the same for
 * the same numbers.
 */
export function writeSources(folder: string, files: number): void {
  for (let file = 0; file < files; file += 1) {
    const path = join(folder, pathOf(file));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, sourceOf(file));
  }
}

export function pathOf(file: number): string {
  return `src/${word(file % 40)}/${word(40 + (file % 200))}/${word(file)}-${String(file)}.ts`;
}

/** `edition` changes one function of the file. */
export function sourceOf(file: number, edition = 0): string {
  return Array.from({ length: FUNCTIONS_A_FILE }, (_, at) =>
    functionOf(file * FUNCTIONS_A_FILE + at, at === 3 ? edition : 0),
  ).join('\n');
}

function functionOf(seed: number, edition: number): string {
  const random = randomFrom(seed * 7919 + edition * 104_729 + 1);
  const name = [0, 1, 2].map(() => capital(rareWord(random))).join('');
  const lines = Array.from({ length: 6 + Math.floor(random() * 14) }, () => {
    const [left, right, call] = [rareWord(random), rareWord(random), rareWord(random)];
    return `  const ${left}${capital(right)} = await this.${call}(${right}, ${String(Math.floor(random() * 900))});`;
  });
  return [
    `/** ${capital(rareWord(random))} the ${rareWord(random)} of each ${rareWord(random)} before the ${rareWord(random)}. */`,
    `export async function load${name}(request: Request, options: Options) {`,
    ...lines,
    `  return { request, options, edition: ${String(edition)} };`,
    '}',
    '',
  ].join('\n');
}

/** Zipf's law over some 20,000 words. */
function rareWord(random: () => number): string {
  return word(Math.floor(20_000 ** random()));
}

const SYLLABLES = 'ba co du fe gi ha jo ku le mi no pu ra so te vi wa xo ye zu'.split(' ');

export function word(number: number): string {
  let text = '';
  for (let left = number + 20; left > 0; left = Math.floor(left / 20)) text += SYLLABLES[left % 20] ?? '';
  return text;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
