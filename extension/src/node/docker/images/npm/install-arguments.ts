import { noGit } from './npm-words.ts';

/** Of the container, in npm's words. */
export interface Platform {
  readonly cpu: string;
  readonly libc: 'glibc' | 'musl';
}

const processors: Readonly<Record<string, string>> = { amd64: 'x64', '386': 'ia32', ppc64le: 'ppc64' };

/** `architecture` in Go's words, as engines have it. */
export function platformOf(base: { readonly architecture: string; readonly reference: string }): Platform {
  const { architecture, reference } = base;
  return {
    cpu: processors[architecture] ?? (architecture === '' ? process.arch : architecture),
    libc: reference.includes('alpine') ? 'musl' : 'glibc',
  };
}

/** Constants only: on Windows a shell reads them. Npm versions that do not know one of them ignore it. */
export function installArguments({ cpu, libc }: Platform): readonly string[] {
  return [
    'install',
    '--ignore-scripts',
    '--omit=dev',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--no-bin-links',
    '--no-progress',
    '--loglevel=error',
    '--logs-max=0',
    '--global=false',
    '--package-lock=true',
    '--lockfile-version=3',
    '--install-strategy=hoisted',
    '--os=linux',
    `--cpu=${cpu.replace(/[^\w-]/g, '')}`,
    `--libc=${libc}`,
    `--git=${noGit}`,
    '--allow-git=none',
    // npm's own waits add up to minutes for a registry that is out of reach.
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
    '--fetch-timeout=60000',
  ];
}
