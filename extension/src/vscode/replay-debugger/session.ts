import type { DebugProtocol } from '@vscode/debugprotocol';
import { isStrataError, messageOf } from '../../base/errors.ts';
import {
  createConversations,
  createWalk,
  ERROR_FILTERS,
  interpolate,
  plainLine,
  rootsAt,
  writeTranscript,
} from '../../core/orchestration/walk/index.ts';
import type {
  Contents,
  Halts,
  Moved,
  Recording,
  Roots,
  Stop,
  Transcript,
  Walk,
} from '../../core/orchestration/walk/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { BreakpointTable } from './breakpoint-table.ts';
import type { Hit, Resolved } from './breakpoint-table.ts';
import { notStarted, runUnknown } from './errors.ts';
import { inspectionHandlers } from './inspection.ts';
import type { Opened } from './opened.ts';
import { handler, ProtocolServer } from './protocol-server.ts';
import type { Answer, Handler, Send } from './protocol-server.ts';
import * as requests from './requests.ts';
import { linksIn } from './source.ts';
import type { ReplaySource } from './source.ts';
import { runOfAddress, transcriptAddress } from './transcript-address.ts';

/** A recorded run has one thread: it is walked in the order of its log, of sub-runs that went on side by side one after the other. */
const THREAD = 1;

export interface SessionPorts {
  readonly source: ReplaySource;
  readonly send: Send;
  /** The transcripts of the run may have grown since they were shown. */
  readonly onOpened?: () => void;
}

/** One debug session: the protocol on one side, the walk over a recorded run on the other. It never changes anything. */
export class ReplaySession {
  readonly #ports: SessionPorts;
  readonly #server: ProtocolServer;
  readonly #breakpoints = new BreakpointTable();
  #opened: Opened | undefined;
  #launch: { run: string; stopOnEntry: boolean } = { run: 'last', stopOnEntry: true };
  /** Why the walk stands where it stands, for `exceptionInfo`. */
  #hit: Hit | undefined;
  readonly #inspection: ReturnType<typeof inspectionHandlers>;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#inspection = inspectionHandlers({
      opened: () => this.#need(),
      sourceOf,
      hit: () => this.#hit,
      stopped: (stop, reason) => this.#stopped({ reason }, () => this.#need().walk.goTo(stop)),
      complain: (text) => this.#print('stderr', text),
    });
    this.#server = new ProtocolServer({ ...this.#handlers(), ...this.#inspection.handlers }, ports.send);
  }

  handle(message: unknown): Promise<void> {
    return this.#server.handle(message);
  }

  #handlers(): Record<string, Handler> {
    const move = (make: (walk: Walk, halts: Halts | undefined) => Moved, body?: object): Handler =>
      handler(requests.nothing, () => {
        const { walk } = this.#need();
        return { ...(body ? { body } : {}), after: () => this.#move((halts) => make(walk, halts)) };
      });
    return {
      initialize: handler(requests.nothing, () => ({ body: CAPABILITIES })),
      launch: handler(requests.launch, async (given) => {
        this.#launch = given;
        const live = await this.#open(given.run);
        return { after: () => this.#afterLaunch(live) };
      }),
      configurationDone: handler(requests.nothing, () => ({ after: () => this.#begin() })),
      restart: handler(requests.restart, async ({ arguments: again }) => {
        this.#launch = again ?? this.#launch;
        // The same run again, also when another one is the last by now.
        const run = again && again.run !== 'last' ? again.run : this.#need().walk.root.run;
        await this.#open(run);
        return { after: () => this.#begin() };
      }),
      threads: handler(requests.nothing, () => ({
        body: { threads: [{ id: THREAD, name: this.#threadName() }] },
      })),
      next: move((walk, halts) => walk.over(halts)),
      stepIn: handler(requests.stepIn, ({ targetId }) => {
        const { walk } = this.#need();
        const target = targetId === undefined ? undefined : this.#inspection.target(targetId);
        return { after: () => this.#move((halts) => walk.into(target, halts)) };
      }),
      stepOut: move((walk, halts) => walk.out(halts)),
      stepBack: move((walk, halts) => walk.back(halts)),
      continue: move((walk, halts) => walk.run('forward', halts), { allThreadsContinued: true }),
      reverseContinue: move((walk, halts) => walk.run('backward', halts)),
      pause: handler(requests.nothing, () => ({ after: () => this.#stopped({ reason: 'pause' }) })),
      goto: handler(requests.goTo, ({ targetId }) => {
        const target = this.#inspection.target(targetId);
        return { after: () => this.#stopped({ reason: 'goto' }, () => this.#need().walk.goTo(target)) };
      }),
      setBreakpoints: handler(requests.setBreakpoints, ({ source, breakpoints }) => {
        const run = runOfAddress(source.path ?? '') ?? '';
        return { body: { breakpoints: this.#breakpoints.setLines(run, breakpoints, this.#resolve) } };
      }),
      setFunctionBreakpoints: handler(requests.setFunctionBreakpoints, ({ breakpoints }) => ({
        body: { breakpoints: this.#breakpoints.setFunctions(breakpoints) },
      })),
      setExceptionBreakpoints: handler(requests.setExceptionBreakpoints, ({ filters }) => {
        this.#breakpoints.setFilters(filters);
        return {};
      }),
      terminate: handler(requests.nothing, () => ({ after: () => this.#server.event('terminated') })),
      disconnect: handler(requests.nothing, (): Answer => {
        this.#opened = undefined;
        return {};
      }),
    };
  }

  /** Answers whether the run is still going on. */
  async #open(name: string): Promise<boolean> {
    const { run, log, live } = await this.#ports.source.find(name);
    const contents: Contents = { getBlob: log.getBlob, conversations: createConversations(log.getBlob) };
    const walk = createWalk({ log, run, onProblem: (problem, child) => this.#missing(problem, child) });
    if (!walk) throw runUnknown(run);
    const linkTo = linksIn(log);
    const transcripts = new WeakMap<Recording, Transcript>();
    this.#opened = {
      walk,
      contents,
      transcript: (recording) => {
        const known = transcripts.get(recording);
        if (known) return known;
        const written = writeTranscript(recording, contents, linkTo);
        transcripts.set(recording, written);
        return written;
      },
    };
    this.#inspection.clear();
    this.#hit = undefined;
    this.#ports.onOpened?.();
    for (const breakpoint of this.#breakpoints.resolveAll(this.#resolve)) {
      this.#server.event('breakpoint', { reason: 'changed', breakpoint });
    }
    return live;
  }

  #afterLaunch(live: boolean): void {
    if (live) {
      this.#print(
        'console',
        'This run is still going on: what is recorded so far is walked. Restart takes in what came since.',
      );
    }
    this.#server.event('initialized');
  }

  #begin(): void {
    const { walk } = this.#need();
    if (this.#launch.stopOnEntry) {
      this.#stopped({ reason: 'entry', description: 'At the first step' });
      return;
    }
    if (this.#halts()?.(walk.at) === true) this.#stopped(this.#because({ stop: walk.at, because: 'halted' }));
    else this.#move((halts) => walk.run('forward', halts));
  }

  #move(make: (halts: Halts | undefined) => Moved): void {
    this.#hit = undefined;
    const moved = make(this.#halts());
    this.#stopped(this.#because(moved));
  }

  #halts(): Halts | undefined {
    if (this.#breakpoints.isEmpty) return undefined;
    return (stop) => {
      this.#hit = this.#hitAt(stop);
      return this.#hit !== undefined;
    };
  }

  #hitAt(stop: Stop): Hit | undefined {
    const roots = (): Roots => rootsAt(stop, this.#need().contents);
    try {
      return this.#breakpoints.hit(stop, roots, (text) =>
        this.#print('console', interpolate(text, roots()), stop),
      );
    } catch (error) {
      // A condition over what cannot be read does not hold.
      this.#print('stderr', messageOf(error), stop);
      return undefined;
    }
  }

  #because({ stop, because }: Moved): StoppedBody {
    if (because === 'end') return { reason: 'step', description: 'At the end of the run' };
    if (because === 'beginning') return { reason: 'step', description: 'At the first step' };
    if (because === 'arrived' || !this.#hit) return { reason: 'step' };
    const { reason, ids, filter } = this.#hit;
    if (!filter) return { reason, hitBreakpointIds: [...ids] };
    const text = stop.type === 'step' ? stop.step.error?.message : undefined;
    return {
      reason,
      description: filter.label,
      ...(text === undefined ? {} : { text: plainLine(text, 300) }),
    };
  }

  #stopped(body: StoppedBody, first: () => void = () => undefined): void {
    first();
    this.#inspection.moved();
    this.#server.event('stopped', { ...body, threadId: THREAD, allThreadsStopped: true });
  }

  readonly #resolve = (run: RunId, line: number): Resolved | undefined => {
    const recording = this.#opened?.walk.recordingOf(run);
    const transcript = recording && this.#opened?.transcript(recording);
    if (!transcript) return undefined;
    const stop = transcript.stopAt(line);
    return { stop, line: transcript.lineOf(stop) };
  };

  #missing(problem: unknown, run: RunId): void {
    const why = isStrataError(problem) ? `${problem.message} ${problem.action}` : 'The log does not hold it.';
    this.#print('stderr', `The sub-run ${run} is passed over. ${why}`);
  }

  #print(category: 'console' | 'stderr', text: string, stop?: Stop): void {
    const where = stop && this.#opened?.transcript(stop.recording);
    this.#server.event('output', {
      category,
      output: `${text}\n`,
      ...(stop && where ? { source: sourceOf(stop.recording), line: where.lineOf(stop) } : {}),
    });
  }

  #threadName(): string {
    if (!this.#opened) return 'Run';
    const { agent, task } = this.#opened.walk.root.view;
    return plainLine(`${agent}: ${task}`, 60);
  }

  #need(): Opened {
    if (!this.#opened) throw notStarted();
    return this.#opened;
  }
}

function sourceOf({ run, view }: Recording): DebugProtocol.Source {
  const path = transcriptAddress(run, view.agent);
  return { name: path.slice(path.lastIndexOf('/') + 1), path };
}

type StoppedBody = DebugProtocol.StoppedEvent['body'];

const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsRestartFrame: true,
  supportsRestartRequest: true,
  supportsTerminateRequest: true,
  supportsGotoTargetsRequest: true,
  supportsStepInTargetsRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsLoadedSourcesRequest: true,
  supportsEvaluateForHovers: true,
  supportsClipboardContext: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ['.'],
  supportsExceptionInfoRequest: true,
  exceptionBreakpointFilters: ERROR_FILTERS.map(({ id, label, description, byDefault }) => ({
    ...{ filter: id, label, description },
    default: byDefault,
  })),
};
