import type { ImagePart, Message, TextPart, ToolDefinition } from '../../../protocol/message.ts';

/** A picture of about 1 megapixel costs 1,000 to 1,600 tokens at Anthropic and OpenAI. */
const TOKENS_PER_IMAGE = 1_200;
/** Roles and separators around each message, by OpenAI's own counting recipe. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_CALL = 8;

/**
 * Tokens of a text, guessed in one pass without a vocabulary. English comes to about 4 characters a token, code and JSON to
 * about 3, CJK to about 1. The rules are what byte-pair vocabularies have in common: a short word with the space before it
 * is one token, digits go in threes, punctuation in twos and threes, a line break with its indentation is one. How far off it is stands in
 * `test/unit/working-memory-tokens.test.ts`; what a provider counts takes it nearer (`WorkingMemory.measured`).
 */
export function estimateText(text: string): number {
  let tokens = 0;
  let run = 0;
  let kind = OTHER;
  for (let index = 0; index < text.length; index += 1) {
    const next = kindOf(text.charCodeAt(index));
    // `camelCase` is two words, and so is `HTTPServer` near enough.
    if (next === kind || (kind === UPPER && next === LOWER)) {
      run += 1;
      kind = next;
      continue;
    }
    tokens += tokensOfRun(kind, run);
    // A line break right behind punctuation is one token with it.
    run = kind === MARK && next === BREAK ? 0 : 1;
    kind = next;
  }
  return Math.ceil(tokens + tokensOfRun(kind, run));
}

export function estimateMessage(message: Message): number {
  if (message.role === 'system') return TOKENS_PER_MESSAGE + estimateText(message.text);
  let tokens = TOKENS_PER_MESSAGE;
  for (const part of message.content) {
    if (part.type === 'tool-call') {
      tokens += TOKENS_PER_CALL + estimateText(part.tool) + estimateText(JSON.stringify(part.arguments));
    } else if (part.type === 'reasoning') tokens += estimateText(part.text);
    else tokens += estimatePart(part);
  }
  return tokens;
}

export function estimateTools(tools: readonly ToolDefinition[]): number {
  return tools.length === 0 ? 0 : estimateText(JSON.stringify(tools));
}

function estimatePart(part: TextPart | ImagePart): number {
  return part.type === 'image' ? TOKENS_PER_IMAGE : estimateText(part.text);
}

const OTHER = 0;
const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;
const SPACE = 4;
const BREAK = 5;
const MARK = 6;
const LETTER = 7;
const WIDE = 8;

function kindOf(code: number): number {
  if (code < 0x80) {
    if (code >= 0x61 && code <= 0x7a) return LOWER;
    if (code === 0x20) return SPACE;
    if (code >= 0x41 && code <= 0x5a) return UPPER;
    if (code >= 0x30 && code <= 0x39) return DIGIT;
    if (code === 0x0a || code === 0x0d || code === 0x09) return BREAK;
    return MARK;
  }
  // From the CJK radicals on: ideographs, kana, Hangul, and the halves of surrogate pairs.
  return code < 0x2e80 ? LETTER : WIDE;
}

function tokensOfRun(kind: number, length: number): number {
  switch (kind) {
    case LOWER:
    case UPPER:
      return length <= 7 ? 1 : length / 6;
    case DIGIT:
      return Math.ceil(length / 3);
    case SPACE:
      // One space belongs to the word after it; more are an indentation, which is one token.
      return length === 1 ? 0 : 1;
    case BREAK:
      return length === 0 ? 0 : 1;
    case MARK:
      return length <= 3 ? 0.9 : length / 3;
    case LETTER:
      return length / 2.2;
    case WIDE:
      return length * 0.9;
    default:
      return 0;
  }
}
