import type { AsyncDisposable } from '../../base/disposable.ts';
import { createRedaction, DEFAULT_SANDBOX, effectOf } from '../../core/tools/index.ts';
import type {
  Redaction,
  Sample,
  ServerDefinition,
  ServerFacts,
  Tool,
  ToolServer,
} from '../../core/tools/index.ts';
import type { StrataError } from '../../base/errors.ts';
import type { StepEffect } from '../../protocol/run-event.ts';
import type { McpServerFace, ServerLauncher } from '../mcp/index.ts';
import { agreementOf } from './agreement.ts';
import { asAccepted } from './as-accepted.ts';
import { knownFirst } from './known-first.ts';
import { imageOf, launcherFor, mayRunWithoutContainer, mustBeAgreed, secretsOf } from './launch.ts';
import type { HostContext } from './launch.ts';
import type { Mcp } from './mcp-at-need.ts';
import type { Place } from './place.ts';

/** A server that may or may not have started. */
export interface OpenedServer extends AsyncDisposable {
  readonly definition: ServerDefinition;
  /** For the registry: lists what is known before anything starts. */
  readonly tools: ToolServer;
  /** Starts it, lists its tools, and remembers them. */
  listLive(signal: AbortSignal): Promise<readonly Tool[]>;
  /** All that it offers beside. */
  readonly face: McpServerFace;
  facts(): ServerFacts;
}

export interface OpenRequest {
  readonly definition: ServerDefinition;
  readonly place: Place;
  readonly sample?: Sample;
  /** It will probably be called soon. */
  readonly startAhead: boolean;
}

export function openServer(context: HostContext, mcp: Mcp, request: OpenRequest): OpenedServer {
  const { definition, place, sample } = request;
  const { name, source, sandbox } = definition;
  const { known, surroundings } = context;
  let redaction: Redaction | undefined;
  let image: string | undefined;
  let lacking: StrataError | undefined;
  let isOnHost = false;

  const secrets = async (): Promise<Readonly<Record<string, string>>> => {
    const values = await secretsOf(surroundings, definition);
    redaction = createRedaction(new Map(Object.entries(values)));
    return values;
  };
  const shared = {
    name,
    callLimitMs: sandbox.callMs,
    idleMs: (sandbox.idleMs === DEFAULT_SANDBOX.idleMs ? context.idleMs() : undefined) ?? sandbox.idleMs,
    effectOf: (tool: { readonly annotations?: Parameters<typeof effectOf>[1] }) =>
      effectOf(definition, tool.annotations, place.ownCopy),
    elicit: surroundings.elicit,
    ...(sample ? { sample } : {}),
    ...(sandbox.files === 'none' ? {} : { roots: ['/workspace'] }),
  };
  const launcher = launcherFor(context, definition, place, secrets);
  const launch: ServerLauncher = async (server, signal) => {
    const process = await launcher(server, signal);
    isOnHost = process.image === undefined && mayRunWithoutContainer(definition);
    return process;
  };
  const face =
    source.kind === 'http'
      ? mcp.openHttpServer({
          ...shared,
          url: source.url,
          headers: async () => {
            mustBeAgreed(context, definition);
            return withSecrets(source.headers, await secrets());
          },
          surroundings,
        })
      : mcp.openMcpServer({ ...shared, launch });
  const live = context.live.add(face);

  const listingKey = async (signal: AbortSignal): Promise<string | undefined> => {
    mustBeAgreed(context, definition);
    if (source.kind === 'http') return agreementOf(definition);
    const found = await context.containers(signal);
    lacking = 'missing' in found ? found.missing : undefined;
    if ('missing' in found) return undefined;
    image = (await imageOf(context, found.sandboxes, definition, signal)).id;
    return [
      agreementOf(definition),
      image,
      place.readOnly ? 'read-only' : '',
      place.ownCopy ? '' : 'in place',
    ]
      .filter((part) => part !== '')
      .join(' ');
  };
  let key: string | undefined;
  const effects = new Map<string, StepEffect>();
  const accepted = asAccepted(definition, known, context.onToolsChanged);
  const keep = (listed: readonly Tool[]): void => {
    for (const { name: tool, effect } of listed) effects.set(tool, effect);
    if (key !== undefined) known.keepListing(key, { server: name, tools: listed });
  };
  const reached: ToolServer = {
    name,
    list: (signal) => face.list(signal),
    dispose: () => face.dispose(),
    call: async (tool, call) => {
      if (definition.origin !== 'built-in') {
        // A call asks for them too, so this costs nothing more.
        const listed = await face.list(call.signal);
        keep(listed);
        accepted.heard(listed, face.heldBack);
        const refusal = accepted.refusal(tool);
        if (refusal) return refusal;
      }
      const found = sandbox.files === 'none' ? undefined : await context.containers(call.signal);
      if (found && 'missing' in found && mayRunWithoutContainer(definition))
        await mustBeThere(face, tool, found.missing, call.signal);
      // The engine is back, and so are the tools that it takes a container for.
      if (found && 'sandboxes' in found && isOnHost && !(await lists(face, tool, call.signal)))
        await face.stop();
      if (!found || !('sandboxes' in found)) return face.call(tool, call);
      const copy = await found.sandboxes.copyOf(place, call.signal);
      if (!copy) return face.call(tool, call);
      const { withCopiedFiles } = await import('../docker/index.ts');
      return withCopiedFiles(face, copy, () => effects.get(tool) !== 'read').call(tool, call);
    },
  };
  const tools = knownFirst(reached, {
    startAhead: request.startAhead,
    known: async (signal) => {
      key = await listingKey(signal);
      const listing = key === undefined ? undefined : known.listing(key);
      for (const { name: tool, effect } of listing ?? []) effects.set(tool, effect);
      return listing;
    },
    onListed: keep,
  });

  return {
    definition,
    tools,
    listLive: async (signal) => {
      key = await listingKey(signal);
      return tools.listLive(signal);
    },
    face,
    facts: () => {
      const { accepted } = known.server(name);
      return {
        definition,
        ...(accepted ? { accepted: new Map(Object.entries(accepted)) } : {}),
        ...(redaction ? { redaction } : {}),
        ...(image === undefined ? {} : { image }),
        ...(lacking ? { lacking } : {}),
      };
    },
    dispose: async () => {
      await tools.dispose();
      live.dispose();
    },
  };
}

/**
 * A run that was started with Docker and is resumed without it asks for tools that the variant on this machine does not
 * have. That is no mistake of the model: the engine is missing, and the run can be resumed when it is back.
 */
async function mustBeThere(
  face: McpServerFace,
  tool: string,
  missing: StrataError,
  signal: AbortSignal,
): Promise<void> {
  if (!(await lists(face, tool, signal))) throw missing;
}

async function lists(face: McpServerFace, tool: string, signal: AbortSignal): Promise<boolean> {
  return (await face.list(signal)).some(({ name }) => name === tool);
}

/** `${secret:NAME}` in a header stands for a secret of that name. */
function withSecrets(
  headers: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.replace(/\$\{secret:([^}]+)\}/g, (whole, secret: string) => secrets[secret] ?? whole),
    ]),
  );
}
