import { isStrataError } from '../../base/errors.ts';
import { looserThanDefault, toolTokens } from '../../core/tools/index.ts';
import type { ServerDefinition, ServerState } from '../../core/tools/index.ts';
import type { ErrorInfo } from '../../protocol/run-event.ts';
import type { McpServerState } from '../mcp/index.ts';
import { agreementOf } from './agreement.ts';
import { noHostAllowed } from './errors.ts';
import { mayRunWithoutContainer, mustBeAgreed, secretsOf } from './launch.ts';
import type { HostContext } from './launch.ts';

type Status = Pick<ServerState, 'status' | 'problem' | 'image'>;

const LIMIT_MS = 10_000;

/** What a person sees of a server. Starts nothing. */
export async function stateOf(
  context: HostContext,
  definition: ServerDefinition,
  settingUp: ReadonlySet<string>,
): Promise<ServerState> {
  const known = context.known.server(definition.name);
  const live = context.live.states(definition.name);
  const status = settingUp.has(definition.name)
    ? { status: 'setting-up' as const }
    : await statusOf(context, definition, live);
  const tools = context.known.newestListing(definition.name, agreementOf(definition));
  const lastUse = Math.max(known.lastUse ?? 0, ...live.map((state) => state.lastUse ?? 0));
  const held = known.heldBack ?? [];
  return {
    definition,
    ...status,
    tools: tools.filter(({ name }) => !held.some((one) => one.name === name)),
    heldBack: held,
    looser: looserThanDefault(definition),
    tokens: tools.reduce((sum, tool) => sum + toolTokens(tool), 0),
    ...(lastUse > 0 ? { lastUse } : {}),
  };
}

async function statusOf(
  context: HostContext,
  definition: ServerDefinition,
  live: readonly McpServerState[],
): Promise<Status> {
  const { enabled, origin, source } = definition;
  if (!enabled) return { status: 'disabled' };
  if (origin === 'editor') return { status: 'ready' };
  if (origin === 'built-in' && definition.name === 'web' && definition.sandbox.network.length === 0)
    return unavailable(noHostAllowed());
  try {
    mustBeAgreed(context, definition);
  } catch (error) {
    const status =
      isStrataError(error) && error.code === 'tool-server-untrusted' ? 'unavailable' : 'not-set-up';
    return { status, problem: infoOf(error) };
  }
  try {
    await secretsOf(context.surroundings, definition);
  } catch (error) {
    return unavailable(error);
  }
  return source.kind === 'http' ? liveStatus(live) : containerStatus(context, definition, live);
}

async function containerStatus(
  context: HostContext,
  definition: ServerDefinition,
  live: readonly McpServerState[],
): Promise<Status> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const found = await context.containers(signal);
    if ('missing' in found)
      return mayRunWithoutContainer(definition)
        ? { ...liveStatus(live), problem: infoOf(found.missing) }
        : unavailable(found.missing);
    const image = await found.sandboxes.find(definition, signal);
    if (!image) return { status: 'not-set-up' };
    return { ...liveStatus(live), image: image.id };
  } catch (error) {
    return unavailable(error);
  }
}

function liveStatus(live: readonly McpServerState[]): Status {
  if (live.some(({ status }) => status === 'running' || status === 'ready' || status === 'starting'))
    return { status: 'running' };
  const failed = live.find(({ status }) => status === 'failed');
  if (failed) return { status: 'failed', ...(failed.problem ? { problem: failed.problem } : {}) };
  return { status: 'ready' };
}

function unavailable(error: unknown): Status {
  return { status: 'unavailable', problem: infoOf(error) };
}

function infoOf(error: unknown): ErrorInfo {
  if (isStrataError(error)) return { code: error.code, message: error.message, action: error.action };
  return { code: 'unexpected', message: error instanceof Error ? error.message : String(error) };
}
