/**
 * What git runs with. A repository is data of somebody else: its own configuration can name programs for nearly
 * everything, so whatever could start one is set here, where the repository cannot change it.
 */
export function gitEnvironment(
  root: string,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const all = Object.entries({ ...fixed, 'safe.directory': root, ...settings });
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    TZ: process.env['TZ'] ?? 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: parentOf(root), // A repository further up is none of ours.
    GIT_WORK_TREE: root,
    GIT_LITERAL_PATHSPECS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_ASKPASS: 'false',
    GIT_EDITOR: 'false',
    GIT_PAGER: 'cat',
    ...configured(all),
  };
}

/** Above a repository's own configuration, and the only kind besides the system's in which `safe.directory` counts. */
function configured(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  for (const [i, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${i}`] = key;
    environment[`GIT_CONFIG_VALUE_${i}`] = value;
  }
  return environment;
}

const fixed = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.pager': 'cat',
  'core.editor': 'false',
  'core.askPass': 'false',
  'core.sshCommand': 'false',
  'core.gitProxy': 'false',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'core.quotePath': 'false',
  'core.alternateRefsCommand': 'false',
  'credential.helper': '',
  'protocol.allow': 'never',
  'diff.external': '',
  'interactive.diffFilter': 'cat',
  'gpg.program': 'false',
  'gpg.ssh.program': 'false',
  'gpg.x509.program': 'false',
  'commit.gpgSign': 'false',
  'log.showSignature': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'submodule.recurse': 'false',
  'diff.ignoreSubmodules': 'all',
  'status.submoduleSummary': 'false',
  'color.ui': 'false',
  'advice.statusHints': 'false',
  'i18n.logOutputEncoding': 'UTF-8',
} as const;

/** Sections whose names a repository chooses, with the keys of each that name a program, and what makes them harmless. */
const ownSections: readonly { readonly pattern: RegExp; readonly value: string }[] = [
  { pattern: /^filter\.[^]+\.(clean|smudge|process)$/i, value: '' },
  { pattern: /^filter\.[^]+\.required$/i, value: 'false' },
  { pattern: /^diff\.[^]+\.command$/i, value: '' },
  { pattern: /^diff\.[^]+\.textconv$/i, value: 'cat' },
  { pattern: /^merge\.[^]+\.driver$/i, value: 'false' },
  { pattern: /^credential\.[^]+\.helper$/i, value: '' },
];

/** What takes the programs out of a repository's own settings, given their names. */
export function harmless(names: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const section = ownSections.find(({ pattern }) => pattern.test(name));
    if (section) found[name] = section.value;
  }
  return found;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
