import type { DebugProtocol } from '@vscode/debugprotocol';
import * as z from 'zod';
import { ReplaySession } from '../../extension/src/vscode/replay-debugger/session.ts';
import { findRun } from '../../extension/src/vscode/replay-debugger/source.ts';
import { transcriptAddress } from '../../extension/src/vscode/replay-debugger/transcript-address.ts';
import type { WalkedLog } from './walked-runs.ts';
import { RUN } from './walked-runs.ts';

const response = z.object({
  type: z.literal('response'),
  success: z.boolean(),
  message: z.string().optional(),
  body: z.unknown().optional(),
});
const event = z.object({
  type: z.literal('event'),
  event: z.string(),
  body: z.record(z.string(), z.unknown()),
});
const frames = z.object({
  totalFrames: z.number(),
  stackFrames: z.array(
    z.object({ id: z.number(), name: z.string(), line: z.number(), source: z.object({ path: z.string() }) }),
  ),
});
const scopes = z.object({
  scopes: z.array(
    z.object({
      name: z.string(),
      variablesReference: z.number(),
      indexedVariables: z.number().optional(),
    }),
  ),
});
const variable = z.object({
  name: z.string(),
  value: z.string(),
  variablesReference: z.number(),
  indexedVariables: z.number().optional(),
  evaluateName: z.string().optional(),
});
const variables = z.object({ variables: z.array(variable) });

export type Variable = z.infer<typeof variable>;

/** A client that talks with a session as an editor does, and writes down what it sees. */
export class DebugClient {
  readonly #session: ReplaySession;
  readonly #received: DebugProtocol.ProtocolMessage[] = [];
  #seq = 0;
  /** What happened, a line each. */
  readonly seen: string[] = [];
  live = false;

  constructor(log: WalkedLog) {
    const folder = {
      list: () => [...log.runs.keys()].map((id) => ({ id })),
      has: (run: string) => log.runs.has(run),
      isLive: () => this.live,
      log,
    };
    this.#session = new ReplaySession({
      source: { find: (run) => Promise.resolve().then(() => findRun([folder], run)) },
      send: (message) => void this.#received.push(message),
    });
  }

  /** As VS Code begins: initialize, launch, breakpoints, configurationDone. */
  async start(given: object = {}, between: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    await this.request('initialize', { adapterID: 'strata-replay' });
    await this.request('launch', { run: RUN, ...given });
    await between();
    await this.request('configurationDone');
    await this.#note('start');
  }

  /** A request that moves the walk; what it came to is written down. */
  async move(command: string, given: object = {}): Promise<void> {
    const answer = await this.ask(command, { threadId: 1, ...given });
    if (!answer.success) this.seen.push(`${command}: ${answer.message ?? ''}`);
    else await this.#note(command);
  }

  async ask(command: string, given?: unknown): Promise<z.infer<typeof response>> {
    this.#received.length = 0;
    this.#seq += 1;
    await this.#session.handle({ seq: this.#seq, type: 'request', command, arguments: given });
    return response.parse(this.#received.find(({ type }) => type === 'response'));
  }

  /** The body of the answer. Throws what the answer says when it is a failure. */
  async request(command: string, given?: unknown): Promise<unknown> {
    const { success, message, body } = await this.ask(command, given);
    if (!success) throw new Error(message);
    return body;
  }

  raw(message: unknown): Promise<void> {
    this.#received.length = 0;
    return this.#session.handle(message);
  }

  get received(): readonly DebugProtocol.ProtocolMessage[] {
    return this.#received;
  }

  events(name: string): Record<string, unknown>[] {
    return this.#received.flatMap((message) => {
      const parsed = event.safeParse(message);
      return parsed.success && parsed.data.event === name ? [parsed.data.body] : [];
    });
  }

  async stack(): Promise<z.infer<typeof frames>['stackFrames']> {
    return frames.parse(await this.request('stackTrace', { threadId: 1 })).stackFrames;
  }

  async scopes(frame = 0): Promise<z.infer<typeof scopes>['scopes']> {
    const frameId = (await this.stack())[frame]?.id;
    return scopes.parse(await this.request('scopes', { frameId })).scopes;
  }

  async variables(variablesReference: number, page: object = {}): Promise<Variable[]> {
    return variables.parse(await this.request('variables', { variablesReference, ...page })).variables;
  }

  /** A scope of the top frame as `name = value` lines. */
  async scope(name: string, page: object = {}): Promise<string[]> {
    const scope = (await this.scopes()).find((one) => one.name === name);
    if (!scope) throw new Error(`There is no scope ${name}.`);
    return (await this.variables(scope.variablesReference, page)).map((one) => `${one.name} = ${one.value}`);
  }

  async evaluate(expression: string, context = 'watch'): Promise<string> {
    const answer = await this.ask('evaluate', { expression, context });
    if (!answer.success) return `error: ${answer.message ?? ''}`;
    return z.object({ result: z.string() }).parse(answer.body).result;
  }

  lines(run: string, agent: string, ...breakpoints: readonly object[]): Promise<unknown> {
    return this.request('setBreakpoints', { source: { path: transcriptAddress(run, agent) }, breakpoints });
  }

  async #note(command: string): Promise<void> {
    const [output, [stopped]] = [this.events('output'), this.events('stopped')];
    for (const body of output)
      this.seen.push(`  ${String(body['category'])}: ${String(body['output']).trim()}`);
    if (!stopped) {
      this.seen.push(`${command}: did not stop`);
      return;
    }
    const why = [stopped['reason'], stopped['description'], stopped['text']].filter(Boolean).join(', ');
    const stack = (await this.stack()).map(({ name, line }) => `${name} (${line})`);
    this.seen.push(`${command}: ${why}: ${stack.join(' < ')}`);
  }
}
