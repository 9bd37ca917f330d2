import { fingerprintOf, looserThanDefault, reviewTools } from '../../core/tools/index.ts';
import type { ServerDefinition, ServerSource, SetUpOptions } from '../../core/tools/index.ts';
import { agreementOf, needsAgreement } from './agreement.ts';
import { folderNotTrusted, setUpRefused } from './errors.ts';
import { secretsOf } from './launch.ts';
import type { HostContext } from './launch.ts';
import type { OpenedServer } from './opened-server.ts';

/**
 * Asks a person, gets the image, starts the server and lists its tools. What was agreed to and seen is remembered: from then on
 * the server starts by itself, as long as it is this very one.
 */
export async function setUpServer(
  context: HostContext,
  definition: ServerDefinition,
  open: (onProgress: (text: string) => void) => Promise<OpenedServer>,
  { signal, onProgress, agreed = false }: SetUpOptions,
): Promise<void> {
  const { name, origin, source } = definition;
  const { known, surroundings } = context;
  if (origin !== 'user' && !surroundings.isTrusted()) throw folderNotTrusted(name);
  if (needsAgreement(definition) && !agreed && !(await isAgreedTo(context, definition, signal)))
    throw setUpRefused(name);
  const before = known.server(name);
  let image: string | undefined;
  let what = whatIs(source);
  let exact: string | undefined;
  if (source.kind !== 'http' && source.kind !== 'editor') {
    const found = await context.containers(signal);
    if ('missing' in found) throw found.missing;
    onProgress(`Getting the image of ${name}`);
    const prepared = await found.sandboxes.prepare(definition, { signal, onProgress });
    for (const note of prepared.notes) onProgress(note);
    ({ id: image, what, exact } = prepared);
  }
  await secretsOf(surroundings, definition);
  // The server starts only where it is agreed to, and so that is written down first; what follows may still fail.
  known.update(name, {
    agreed: agreementOf(definition),
    what,
    ...(image === undefined ? {} : { image }),
    ...(exact === undefined ? {} : { exact }),
  });
  try {
    onProgress(`Starting ${name}`);
    const server = await open(onProgress);
    try {
      const listed = await server.listLive(signal);
      const { offered, heldBack } = reviewTools(definition, listed, undefined);
      const names = new Set(heldBack.map((one) => one.name));
      const seen = listed.filter((tool) => !names.has(tool.name));
      onProgress(`${name} has ${offered.length} tools`);
      known.update(name, {
        accepted: Object.fromEntries(seen.map((tool) => [tool.name, fingerprintOf(tool)])),
        heldBack: [...heldBack, ...server.face.heldBack],
      });
    } finally {
      await server.dispose();
    }
  } catch (error) {
    known.restore(name, before);
    throw error;
  }
}

async function isAgreedTo(
  { surroundings }: HostContext,
  definition: ServerDefinition,
  signal: AbortSignal,
): Promise<boolean> {
  const { name, sandbox, source } = definition;
  const values = await Promise.all(sandbox.secrets.map((secret) => surroundings.secret(name, secret)));
  return surroundings.confirmSetUp(
    {
      definition,
      looser: looserThanDefault(definition),
      what: whatIs(source),
      missingSecrets: sandbox.secrets.filter((_, index) => values[index] === undefined),
    },
    signal,
  );
}

function whatIs(source: ServerSource): string {
  switch (source.kind) {
    case 'built-in':
      return 'a server of Strata';
    case 'npm':
      return `the npm package ${source.package}`;
    case 'image':
      return `the image ${source.image}`;
    case 'dockerfile':
      return `the Dockerfile ${source.path}`;
    case 'command':
      return `the command ${[source.command, ...source.arguments].join(' ')}`;
    case 'http':
      return `the server at ${source.url}, which runs in no container of yours`;
    case 'editor':
      return 'a server that the editor runs';
  }
}
