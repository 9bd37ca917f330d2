import type { ServerDefinition, ToolSurroundings } from '../../core/tools/index.ts';
import type { PreparedImage, Sandboxes } from '../docker/index.ts';
import type { ServerLauncher } from '../mcp/index.ts';
import { agreementOf, needsAgreement } from './agreement.ts';
import type { Containers } from './containers.ts';
import { folderNotTrusted, secretMissing, serverChanged, serverNotSetUp } from './errors.ts';
import type { KnownServers } from './known-servers.ts';
import type { LiveServers } from './live-servers.ts';
import type { Place } from './place.ts';

/** What every server of a folder is opened with. */
export interface HostContext {
  readonly containers: (signal: AbortSignal) => Promise<Containers>;
  /** Nothing runs on the place's folder any more. */
  readonly leave: (place: Place) => Promise<void>;
  /** Runs the reading file tools without a container. */
  readonly withoutContainers: (place: Place) => ServerLauncher;
  /** Gives a run's copy the history that the git server looks at. */
  readonly layHistory: (copy: string, signal: AbortSignal) => Promise<unknown>;
  readonly live: LiveServers;
  readonly known: KnownServers;
  readonly surroundings: ToolSurroundings;
  /** In place of the usual time, where nothing else is said of a server. */
  readonly idleMs: () => number | undefined;
  readonly onProgress: (text: string) => void;
  /** A server's tools are not the ones that were known of it. */
  readonly onToolsChanged: () => void;
}

/** Starts the server in its container; of the built-in ones, `files` also without one. */
export function launcherFor(
  context: HostContext,
  definition: ServerDefinition,
  place: Place,
  secrets: () => Promise<Readonly<Record<string, string>>>,
): ServerLauncher {
  return async (name, signal) => {
    const found = await context.containers(signal);
    if ('missing' in found) {
      if (mayRunWithoutContainer(definition)) return context.withoutContainers(place)(name, signal);
      throw found.missing;
    }
    const image = await imageOf(context, found.sandboxes, definition, signal);
    if (isHistorian(definition) && place.ownCopy) await context.layHistory(place.folder, signal);
    return found.sandboxes.start({ definition, image, place, secrets: await secrets(), signal });
  };
}

export function mayRunWithoutContainer({ origin, name }: ServerDefinition): boolean {
  return origin === 'built-in' && name === 'files';
}

function isHistorian({ origin, name }: ServerDefinition): boolean {
  return origin === 'built-in' && name === 'git';
}

/**
 * What the server runs from. The images of built-in servers are made when they are missing; anybody else's are made when
 * a person sets the server up, and nothing but what that person agreed to is started.
 */
export async function imageOf(
  context: HostContext,
  sandboxes: Sandboxes,
  definition: ServerDefinition,
  signal: AbortSignal,
): Promise<PreparedImage> {
  mustBeAgreed(context, definition);
  const image = await sandboxes.find(definition, signal);
  if (definition.source.kind === 'built-in')
    return image ?? sandboxes.prepare(definition, { signal, onProgress: context.onProgress });
  const { image: agreed } = context.known.server(definition.name);
  if (!image) throw serverNotSetUp(definition.name);
  if (image.id !== agreed) throw serverChanged(definition.name);
  return image;
}

/** Throws unless a person has agreed to the server just as it is defined now, where that is needed. */
export function mustBeAgreed({ known, surroundings }: HostContext, definition: ServerDefinition): void {
  if (!needsAgreement(definition)) return;
  const { name, origin } = definition;
  if (origin !== 'user' && !surroundings.isTrusted()) throw folderNotTrusted(name);
  const { agreed } = known.server(name);
  if (agreed === undefined) throw serverNotSetUp(name);
  if (agreed !== agreementOf(definition)) throw serverChanged(name);
}

export async function secretsOf(
  surroundings: ToolSurroundings,
  definition: ServerDefinition,
): Promise<Readonly<Record<string, string>>> {
  const { name: server, sandbox } = definition;
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const name of sandbox.secrets) {
    const value = await surroundings.secret(server, name);
    if (value === undefined) missing.push(name);
    else values[name] = value;
  }
  if (missing.length > 0) throw secretMissing(server, missing);
  return values;
}
