import { isProse } from './language.ts';

/** Larger files are data, bundles or logs; a source file of this size would be some 25,000 lines. */
export const MOST_FILE_BYTES = 1024 * 1024;

/**
 * The text of a file, or undefined when it is binary. UTF-8 and UTF-16 are read; a byte that is neither becomes U+FFFD,
 * so that one wrong byte, or a file in an old 8-bit encoding, does not hide the rest of it.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const encoding = utf16Of(bytes);
  if (encoding !== undefined) return new TextDecoder(encoding).decode(bytes);
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) return undefined;
  const text = new TextDecoder('utf-8').decode(bytes);
  const sample = text.slice(0, SNIFFED_BYTES);
  return (sample.match(UNREADABLE)?.length ?? 0) > sample.length * MOST_UNREADABLE ? undefined : text;
}

/** Files that a program wrote, by name, by what they say of themselves, or by lines that no person would write. */
export function isGenerated(path: string, text: string): boolean {
  if (isGeneratedName(path) || GENERATED_MARK.test(text.slice(0, 1_000))) return true;
  if (isProse(path)) return false;
  let inLongLines = 0;
  for (const line of text.split('\n')) if (line.length > LONG_LINE) inLongLines += line.length;
  return inLongLines > text.length / 2;
}

/** Known before the file is read. */
export function isGeneratedName(path: string): boolean {
  return GENERATED_NAME.test(path);
}

/** As many bytes as git looks at to tell text from binary. */
const SNIFFED_BYTES = 8_000;
const MOST_UNREADABLE = 0.1;
const UNREADABLE = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/g;
const LONG_LINE = 1_000;

const GENERATED_NAME =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|Cargo\.lock|poetry\.lock|uv\.lock|Gemfile\.lock|composer\.lock|go\.sum|flake\.lock)$|\.min\.(?:js|mjs|cjs|css)$|\.(?:js|mjs|cjs|css|ts)\.map$/i;
const GENERATED_MARK = /@generated\b|\bcode generated\b.*\bdo not edit\b/i;

/** By byte order mark, or by zero bytes that stand only in every second place, as in Latin text without a mark. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const sample = bytes.subarray(0, SNIFFED_BYTES);
  if (sample.length < 8 || sample.length % 2 === 1) return undefined;
  const zeros = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const most = sample.length / 2;
  if (even === 0 && odd > most * 0.7) return 'utf-16le';
  return odd === 0 && even > most * 0.7 ? 'utf-16be' : undefined;
}
