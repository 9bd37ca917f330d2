import { hashOf } from '../chunking/chunk.ts';

/**
 * What all machines call a project, wherever they have it: by the address that its repository was cloned from, however that
 * is written, and the folder within it. undefined for an address that only this machine understands.
 */
export function projectName(remote: string, folder: string): string | undefined {
  const text = remote.trim();
  const url = /^(?:https?|ssh|git|git\+ssh):\/\/(?:[^/@]*@)?([^/:]+)(?::\d+)?\/+(.+)$/i.exec(text);
  const short = /^(?:[^/@:]+@)?([^/:]{2,}):(?!\/\/)\/*(.+)$/.exec(text);
  const [, host, path] = url ?? short ?? [];
  if (host === undefined || path === undefined) return undefined;
  const repository = `${host}/${path}`
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const inside = folder.replace(/^\/+|\/+$/g, '');
  const whole = inside === '' ? repository : `${repository}/${inside}`;
  const last = whole.slice(whole.lastIndexOf('/') + 1);
  const readable =
    last
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 40) || 'project';
  return `${readable}-${hashOf(whole).slice(0, 12)}`;
}
