import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** Downloads a package's archive into the folder, or skips the test by name where the registry is out of reach. */
export function npmPack(t: TestContext, name: string, folder: string): string | undefined {
  try {
    const packed = execFileSync('npm', ['pack', name, '--json', '--silent', '--pack-destination', folder], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [first] = JSON.parse(packed) as { readonly filename: string }[];
    return path.join(folder, first?.filename ?? '');
  } catch {
    t.skip(`needs the npm registry: ${name} could not be downloaded`);
    return undefined;
  }
}
