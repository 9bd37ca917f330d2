const STOP_WORDS = new Set(
  (
    'the and for that this with from are was were what where when which who how why does did can could should would will ' +
    'please not but you your our its into about there here have has had all any some make made let get use used using work ' +
    'works find show tell explain look see code file files repository project workspace fix test tests failing fail fails passing pass run'
  ).split(' '),
);

/** The words of a text that may name something in code, each once, names in camelCase also in their parts. */
export function wordsOf(text: string): string[] {
  const found = new Set<string>();
  for (const name of text.match(/[A-Za-z_$][\w$]*/g) ?? []) {
    for (const word of [name, ...name.split(/(?=[A-Z])|_/)]) {
      const lower = word.toLowerCase();
      if (lower.length >= 3 && !STOP_WORDS.has(lower)) found.add(lower);
    }
  }
  return [...found];
}

/** How many of the words a text holds; a plural counts as its singular. */
export function sharedWords(words: readonly string[], text: string): number {
  const lower = text.toLowerCase();
  return words.filter((word) => lower.includes(word.length > 4 ? word.replace(/(?:es|s|ing|ed)$/, '') : word))
    .length;
}
