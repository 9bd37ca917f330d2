import { Client, SdkError, SdkErrorCode, type ClientCapabilities } from '@modelcontextprotocol/client';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import type { EraMemory, KnownEra } from './eras.ts';
import type { Link } from './link.ts';
import type { Answerers } from './questions.ts';

export const handshakeLimitMs = 30_000;
/** A process that says nothing to a request it does not know is taken for an older server after this. */
const silenceMs = 10_000;

const tasksExtension = 'io.modelcontextprotocol/tasks';

/** What this client can do for a server. Sampling and roots are for the older revisions. */
export function capabilitiesFor({ elicit, sample, roots }: Answerers): ClientCapabilities {
  return {
    ...(elicit ? { elicitation: { form: {}, url: {} } } : {}),
    ...(sample ? { sampling: {} } : {}),
    ...(roots ? { roots: {} } : {}),
    extensions: { [tasksExtension]: {} },
  };
}

export function createClient(answerers: Answerers, link: Link): Client {
  // At an address silence is an outage, not an answer.
  const timeoutMs = link.process ? silenceMs : handshakeLimitMs;
  return new Client(
    { name: 'strata', version: '0.1.0' },
    {
      capabilities: capabilitiesFor(answerers),
      versionNegotiation: { mode: 'auto', probe: { timeoutMs } },
      // Without code generation, which the editor's process forbids.
      jsonSchemaValidator: new CfWorkerJsonSchemaValidator(),
      // Questions belong to calls, and the SDK does not say to which.
      inputRequired: { autoFulfill: false },
    },
  );
}

/**
 * Connects by what is known of the server, which saves the probe of an older one and the question of a newer one. A server
 * that is not known is probed. Throws what the SDK throws; what was known wrongly is forgotten.
 */
export async function shakeHands(
  client: Client,
  link: Link,
  {
    eras,
    signal,
    legacy,
  }: {
    readonly eras: EraMemory | undefined;
    readonly signal: AbortSignal;
    /** It can be no newer one. */
    readonly legacy: boolean;
  },
): Promise<void> {
  const remembered = link.key === undefined ? undefined : eras?.recall(link.key);
  const known: KnownEra | undefined = legacy ? { kind: 'legacy' } : remembered;
  const options = { signal, timeout: handshakeLimitMs };
  try {
    await client.connect(link.guard, known ? { ...options, prior: known } : options);
  } catch (error) {
    if (link.key !== undefined) eras?.forget(link.key);
    throw error;
  }
  const era = eraOf(client);
  if (!remembered && era && link.key !== undefined) eras?.keep(link.key, era);
}

/** Whether a probe may have been too much for a server, so that it is worth a second start without one. */
export function diedOfProbe(error: unknown): boolean {
  return error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed;
}

function eraOf(client: Client): KnownEra | undefined {
  if (client.getProtocolEra() === 'legacy') return { kind: 'legacy' };
  const discover = client.getDiscoverResult();
  return discover ? { kind: 'modern', discover } : undefined;
}
