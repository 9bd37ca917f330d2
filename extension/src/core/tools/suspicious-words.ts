import { spelledByTags, withoutHidden } from './hidden-characters.ts';

/** Words with which the description of a tool tries to give the model orders, or to send it where it should not look. */
const SIGNS: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'it tells the model to ignore what it was told',
    /\b(ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(previous|prior|earlier|above|preceding|other|all|any|system|developer|user'?s?)\b[^.\n]{0,30}\b(instructions?|prompts?|messages?|rules?|guidelines?|directions?)\b/,
  ],
  [
    'it marks words as important for the model alone',
    /<\s*\/?\s*(important|system|instructions?|secret|hidden|assistant|admin|override|critical)\b[^>\n]{0,40}>|\[\s*\/?\s*(inst|system|important)\s*\]|<\|[a-z_]{2,20}\|>/,
  ],
  [
    'it wants something kept from the user',
    /\b(do not|don'?t|never|must not|without|avoid)\b[^.\n]{0,30}\b(tell(ing)?|mention(ing)?|inform(ing)?|show(ing)?|reveal(ing)?|alert(ing)?|notify(ing)?|asking|letting)\b[^.\n]{0,40}\b(users?|humans?|persons?|people|anyone|them)\b/,
  ],
  [
    'it wants to be used before, instead of or after other tools',
    /\b(before|prior to|instead of|after|whenever|when)\b[^.\n]{0,20}\b(us(e|ing)|call(ing)?|invok(e|ing)|run(ning)?)\b[^.\n]{0,20}\b(any|all|every|each|the)\s+(other\s+)?(tools?|functions?|server|servers)\b|\b(must|always|required to)\b[^.\n]{0,20}\b(call|use|invoke|run)\b[^.\n]{0,20}\bthis (tool|function)\b[^.\n]{0,20}\b(first|before (any|all|every|each|other))\b/,
  ],
  [
    'it asks for keys, secrets or files that hold them',
    /~\/\.(ssh|aws|gnupg|kube|docker|netrc|npmrc|config)\b|\bid_(rsa|ed25519|ecdsa|dsa)\b|\.ssh\/|\/etc\/(passwd|shadow)\b|\b(mcp\.json|\.mcp\.json|credentials\.json)\b|\b(read|send|include|pass|provide|attach|add|copy|upload|exfiltrate)\b[^.\n]{0,50}\b(private keys?|ssh keys?|api keys?|access tokens?|passwords?|credentials|environment variables|\.env)\b/,
  ],
  [
    'it asks for what was said in the conversation',
    /\b(send|include|pass|provide|append|attach|forward|copy|put)\b[^.\n]{0,40}\b(entire|whole|full|complete|all)\b[^.\n]{0,20}\b(conversation|chat|context|history|system prompt|previous messages)\b/,
  ],
  ['it hides words in a comment', /<!--|-->|\[\/\/\]: ?#/],
  ['it holds text that is encoded', /(\\x[0-9a-f]{2}){8,}|(\\u[0-9a-f]{4}){8,}|(%[0-9a-f]{2}){12,}/],
  [
    'it says who the model is',
    /\byou are (now|actually|no longer|in)\b|\bnew (system )?(instructions?|persona|role)\b|\bact as (an?|the|if)\b[^.\n]{0,30}\b(admin|root|developer|system)\b/,
  ],
];

/** What is suspicious about what a server says of a tool, as a clause; undefined when nothing is. */
export function suspicionOf(text: string): string | undefined {
  // Tags of a few characters are flags of parts of countries.
  const secret = spelledByTags(text);
  if (secret.length > 12) return 'it holds words in characters that nobody sees';
  if (holdsBase64(text)) return 'it holds text that is encoded';
  // Full-width and other look-alikes of letters count as the letters.
  const plain = withoutHidden(`${text} ${secret}`)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\S\n]+/g, ' ');
  // A line break within a sentence is no end of it.
  const joined = plain.replace(/\n(?!\s*\n)/g, ' ');
  return SIGNS.find(([, pattern]) => pattern.test(plain) || pattern.test(joined))?.[0];
}

/** Long, and with letters of both cases and digits in one word, as no word of a language is. */
function holdsBase64(text: string): boolean {
  const words = text.match(/[A-Za-z0-9+/_-]{80,}/g) ?? [];
  return words.some((word) => /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word));
}
