/** Signs of a kind of request, with what each counts for. English, and what programs look like in any language. */
export type Signs = readonly (readonly [RegExp, number])[];

export interface Found {
  readonly weight: number;
  /** As they stand in the text. */
  readonly words: readonly string[];
}

export const CODE: Signs = [
  [/```/, 2],
  [
    /\b[\w./-]+\.(?:ts|tsx|js|jsx|mjs|cjs|py|go|rs|java|kt|cs|cpp|cc|c|h|rb|php|swift|sql|sh|ya?ml|json|css|html|vue)\b/,
    2,
  ],
  [/\b(?:refactor|implement|debug|compile|lint|unit tests?|type ?check)\w*/i, 2],
  [/\b(?:stack ?trace|traceback|exception|segfault|null pointer|undefined is not)\b/i, 2],
  [/\b(?:fix|bug|patch|rename|migrate)\w*/i, 1],
  [
    /\b(?:function|method|class|interface|module|endpoint|api|regex|query|schema|component|variable|loop)s?\b/i,
    1,
  ],
  [/\b(?:tests?|build|commit|merge|branch|repo(?:sitory)?|pull request|diff)\b/i, 1],
  [
    /\b(?:typescript|javascript|python|rust|golang|java|kotlin|c\+\+|c#|sql|bash|react|node(?:\.js)?|docker)\b/i,
    1,
  ],
  [/\b(?:code|script|program)\b/i, 1],
];

export const REASONING: Signs = [
  [/\b(?:prove|proof|derive|theorem|lemma)\b/i, 3],
  [/\b(?:trade-?offs?|pros and cons|weigh up|root cause)\b/i, 3],
  [/\b(?:architecture|architect|strategy|roadmap)\b/i, 2],
  [/\b(?:think (?:hard|carefully|through|step by step)|step by step|reason (?:about|through))\b/i, 3],
  [/\b(?:design|plan|decide|evaluate|assess|analy[sz]e|compare)\b/i, 2],
  [/\b(?:puzzle|riddle|optimal|probability|how many ways)\b/i, 2],
  [/\bwhy\b/i, 1],
];

export const FAST: Signs = [
  [/\b(?:classify|categori[sz]e|label|tag)\b/i, 3],
  [/\b(?:translate|rephrase|reword|proofread|spell(?:ing)?)\b/i, 3],
  [/\b(?:extract|pick out)\b/i, 2],
  [/\b(?:one word|one sentence|a single word|yes or no|true or false|in a few words)\b/i, 3],
  [/\b(?:commit message|headline|title|subject line|synonyms?)\b/i, 3],
  [/\b(?:positive or negative|sentiment)\b/i, 3],
  [/\b(?:hello|hi|thanks|thank you)\b/i, 1],
];

export function wordsFound(signs: Signs, text: string): Found {
  const found = signs.flatMap(([sign, weight]) => {
    const [word] = sign.exec(text) ?? [];
    return word === undefined
      ? []
      : [{ word: word === '```' ? 'a block of code' : word.toLowerCase(), weight }];
  });
  return {
    weight: found.reduce((sum, { weight }) => sum + weight, 0),
    words: [...new Set(found.toSorted((a, b) => b.weight - a.weight).map(({ word }) => word))],
  };
}
