import { meaningWords, sharedPart } from '../episodes/meaning-words.ts';

/** Whether two texts say the same in nearly the same words. */
export function isSameFact(a: string, b: string): boolean {
  if (a === b) return true;
  return isNegated(a) === isNegated(b) && sharedPart(meaningWords(a), meaningWords(b)) >= SAME;
}

/** Whether a text may be another in a person's own words: to be asked only where they come from the same runs. */
export function isReworded(a: string, b: string): boolean {
  return sharedPart(meaningWords(a), meaningWords(b)) >= REWORDED;
}

/** Whether one of two texts about the same thing denies it and the other does not. */
export function isContradiction(a: string, b: string): boolean {
  return isNegated(a) !== isNegated(b) && sharedPart(aboutWords(a), aboutWords(b)) >= ABOUT_THE_SAME;
}

function aboutWords(text: string): ReadonlySet<string> {
  return meaningWords(text.replace(NEGATION, ' '));
}

/** Two denials are none. */
function isNegated(text: string): boolean {
  return (text.match(NEGATION)?.length ?? 0) % 2 === 1;
}

const NEGATION =
  /\b(?:not|never|no longer|avoid|without|cannot|(?:do|does|did|is|are|must|should|ca|wo)n['’]t)\b/gi;
const SAME = 0.6;
const ABOUT_THE_SAME = 0.8;
const REWORDED = 0.4;
