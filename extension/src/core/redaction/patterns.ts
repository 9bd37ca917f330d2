/** What keys and tokens of well-known makers look like. Each begins with something that ordinary words do not begin with. */
interface SecretPattern {
  /** Stands in the place of what was found. */
  readonly name: string;
  readonly source: string;
}

/** One of these is in every text that a pattern fits: looking for them alone takes a tenth of the time. */
export const PATTERN_HINTS: readonly string[] = [
  ...[
    '-----BEGIN ',
    'sk-',
    'gsk_',
    'hf_',
    'xai-',
    'r8_',
    'pplx-',
    'nvapi-',
    'ghp_',
    'gho_',
    'ghu_',
    'ghs_',
    'ghr_',
  ],
  ...[
    'github_pat_',
    'glpat-',
    'AKIA',
    'ASIA',
    'AIza',
    'ya29.',
    'xox',
    'k_live_',
    'k_test_',
    'npm_',
    'eyJ',
    'earer ',
  ],
];

/** Not in the middle of a longer word. In a JSON text the `n` of an escaped line break is no letter of a word. */
const START = '(?:(?<![A-Za-z0-9_-])|(?<=\\\\[nrtbf]))';

/** A private key that is cut off is one too: what follows its first line is its content as far as that goes. */
const PEM =
  '-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----(?:[A-Za-z0-9+/=\\s:,-]|\\\\+[nr]){0,16000}?(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----|(?![A-Za-z0-9+/=\\s:,-]|\\\\+[nr]))';

/**
 * From the makers' documents and the rules of secret scanners (gitleaks, GitHub secret scanning). Passwords and keys without a
 * form of their own are not among them: every second word of a source file would be one.
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  { name: 'private key', source: PEM },
  { name: 'api key', source: `${START}sk-(?=[A-Za-z0-9_-]{0,60}[0-9])[A-Za-z0-9_-]{20,}` },
  { name: 'api key', source: `${START}(?:gsk_|hf_|xai-|r8_|pplx-|nvapi-)[A-Za-z0-9_-]{30,}` },
  { name: 'github token', source: `${START}(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})` },
  { name: 'gitlab token', source: `${START}glpat-[A-Za-z0-9_-]{20,}` },
  { name: 'aws key', source: `${START}(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])` },
  { name: 'google key', source: `${START}(?:AIza[0-9A-Za-z_-]{35}|ya29\\.[0-9A-Za-z_-]{20,})` },
  { name: 'slack token', source: `${START}xox[abeoprs]-[0-9A-Za-z-]{10,}` },
  { name: 'stripe key', source: `${START}[rs]k_(?:live|test)_[0-9A-Za-z]{16,}` },
  { name: 'npm token', source: `${START}npm_[A-Za-z0-9]{36}` },
  {
    name: 'token',
    source: `${START}eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}`,
  },
  { name: 'token', source: '(?<=\\b[Bb]earer )(?=[A-Za-z0-9._~+/-]{0,60}[0-9])[A-Za-z0-9._~+/-]{20,}=*' },
];
