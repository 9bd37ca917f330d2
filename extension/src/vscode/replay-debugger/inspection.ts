import type { DebugProtocol } from '@vscode/debugprotocol';
import {
  complete,
  evaluate,
  plainLine,
  plainText,
  rootsAt,
  scopesAt,
  sizeOf,
  stepGroup,
  stopOf,
  wholeOf,
} from '../../core/orchestration/walk/index.ts';
import type { Inspected, Page, Recording, Scope, Stop } from '../../core/orchestration/walk/index.ts';
import { stepLabel } from '../../protocol/step-label.ts';
import type { Hit } from './breakpoint-table.ts';
import { referenceGone } from './errors.ts';
import { handler } from './protocol-server.ts';
import type { Handler } from './protocol-server.ts';
import * as requests from './requests.ts';
import type { Opened } from './opened.ts';
import { runOfAddress } from './transcript-address.ts';
import { forgetOldest, VariableTable } from './variable-table.ts';

export interface InspectionPorts {
  /** Throws `replay-not-started`. */
  readonly opened: () => Opened;
  readonly sourceOf: (recording: Recording) => DebugProtocol.Source;
  readonly hit: () => Hit | undefined;
  /** Goes there and says that it has. */
  readonly stopped: (stop: Stop, reason: string) => void;
  readonly complain: (text: string) => void;
}

/** What is asked while the walk stands still: the stack, the variables, the places to go to. */
export function inspectionHandlers(ports: InspectionPorts): {
  readonly handlers: Readonly<Record<string, Handler>>;
  /** A place that was offered as a target. Throws `reference-gone`. */
  readonly target: (id: number) => Stop;
  /**
   * The walk is at another stop. What was shown of earlier ones stays known for a while: an editor that is behind still asks
   * for it, and it is recorded, so the answer is as good as before.
   */
  readonly moved: () => void;
  /** Another recording is open: what was shown is of no use any more. */
  readonly clear: () => void;
} {
  const variables = new VariableTable(ports.complain);
  const frames = new Map<number, Stop>();
  const targets = new Map<number, Stop>();
  let last = 0;

  /** Of the stop that the walk is at, from the top. */
  let current: readonly number[] = [];

  const remember = (table: Map<number, Stop>, stop: Stop): number => {
    last += 1;
    table.set(last, stop);
    forgetOldest(table, KEPT_STOPS);
    return last;
  };
  const frameOf = (id: number | undefined): Stop => {
    const stop = id === undefined ? ports.opened().walk.at : frames.get(id);
    if (!stop) throw referenceGone('frame');
    return stop;
  };
  const target = (id: number): Stop => {
    const stop = targets.get(id);
    if (!stop) throw referenceGone('target');
    return stop;
  };
  const recordingAt = ({ path }: { readonly path?: string | undefined }): Recording | undefined => {
    const run = runOfAddress(path ?? '');
    return run === undefined ? undefined : ports.opened().walk.recordingOf(run);
  };

  const handlers: Record<string, Handler> = {
    stackTrace: handler(requests.stackTrace, ({ startFrame, levels }) => {
      const { walk, transcript } = ports.opened();
      const stack = walk.stack();
      if (current.length === 0) current = stack.map((stop) => remember(frames, stop));
      const stackFrames = stack.map((stop, index): DebugProtocol.StackFrame => {
        const { recording } = stop;
        return {
          id: current[index] ?? 0,
          name: frameName(stop),
          source: ports.sourceOf(recording),
          line: transcript(recording).lineOf(stop),
          column: 1,
          canRestart: true,
        };
      });
      const end = levels === 0 ? stack.length : startFrame + levels;
      return { body: { stackFrames: stackFrames.slice(startFrame, end), totalFrames: stack.length } };
    }),

    scopes: handler(requests.ofFrame, ({ frameId }) => {
      const { contents } = ports.opened();
      const scopes = scopesAt(frameOf(frameId), contents);
      return { body: { scopes: scopes.map((scope) => shownScope(scope, variables)) } };
    }),

    variables: handler(requests.variables, ({ variablesReference, filter, start, count }) => {
      const page: Page = {
        ...(filter === undefined ? {} : { only: filter }),
        ...(start === undefined ? {} : { start }),
        // By the protocol, 0 stands for all.
        ...(count === undefined || count === 0 ? {} : { count }),
      };
      return { body: { variables: variables.read(variablesReference, page) } };
    }),

    evaluate: handler(requests.evaluate, ({ expression, frameId, context }) => {
      const stop = frameOf(frameId);
      const value = valueOf(expression, stop);
      const limit = context === 'repl' ? REPL_CHARACTERS : HOVER_CHARACTERS;
      const { value: result, ...shown } = variables.shown(value, expression.trim(), limit);
      if (context === 'clipboard') return { body: { ...shown, result: wholeOf(value) } };
      const isText = value.type === 'json' && typeof value.value === 'string';
      const text = isText ? plainText(wholeOf(value)).slice(0, limit) : result;
      return { body: { ...shown, result: text } };
    }),

    completions: handler(requests.completions, ({ text, column, frameId }) => {
      const before = text.slice(0, Math.max(0, column - 1));
      const names = complete(before, rootsAt(frameOf(frameId), ports.opened().contents));
      return { body: { targets: names.map((label) => ({ label, type: 'property' })) } };
    }),

    exceptionInfo: handler(requests.nothing, () => {
      const stop = ports.opened().walk.at;
      const error = stop.type === 'step' ? stop.step.error : undefined;
      const label = ports.hit()?.filter?.label ?? 'No error here';
      const description = plainText(error ? `${error.message} ${error.action ?? ''}`.trim() : label);
      return { body: { exceptionId: error?.code ?? label, description, breakMode: 'always' } };
    }),

    stepInTargets: handler(requests.ofFrame, ({ frameId }) => {
      const inside = ports.opened().walk.inside(frameOf(frameId));
      const shown = inside.map((stop) => ({ id: remember(targets, stop), label: frameName(stop) }));
      return { body: { targets: shown } };
    }),

    gotoTargets: handler(requests.gotoTargets, ({ source, line }) => {
      const recording = recordingAt(source);
      if (!recording) return { body: { targets: [] } };
      const transcript = ports.opened().transcript(recording);
      const stop = transcript.stopAt(line);
      const shown = { id: remember(targets, stop), label: frameName(stop), line: transcript.lineOf(stop) };
      return { body: { targets: [shown] } };
    }),

    restartFrame: handler(requests.ofFrame, ({ frameId }) => {
      const stop = frameOf(frameId);
      const beside = stop.type === 'step' && stop.outer ? stop.outer.inner : stop.recording.top;
      return { after: () => ports.stopped(beside[0] ?? stop, 'restart') };
    }),

    breakpointLocations: handler(requests.breakpointLocations, ({ source, line, endLine }) => {
      const recording = recordingAt(source);
      if (!recording) return { body: { breakpoints: [] } };
      const transcript = ports.opened().transcript(recording);
      const first = transcript.stopAt(line);
      const lines: number[] = [];
      for (let { index } = first; index < recording.stops.length; index += 1) {
        const stop = recording.stops[index];
        const at = stop ? transcript.lineOf(stop) : Number.POSITIVE_INFINITY;
        if (at > (endLine ?? line) && stop !== first) break;
        lines.push(at);
      }
      return { body: { breakpoints: lines.map((at) => ({ line: at })) } };
    }),

    loadedSources: handler(requests.nothing, () => ({
      body: { sources: ports.opened().walk.recordings().map(ports.sourceOf) },
    })),
  };

  /** `step 12` is that step, as a person would ask for it; anything else is a path. */
  const valueOf = (expression: string, stop: Stop): Inspected => {
    const { contents } = ports.opened();
    const asked = /^\s*step\s+([\d.]+)\s*$/.exec(expression)?.[1];
    const named = asked === undefined ? undefined : stopOf(stop.recording, asked);
    if (named) return stepGroup(named.step, named.agent);
    return evaluate(expression, rootsAt(stop, contents));
  };

  return {
    handlers,
    target,
    moved: () => {
      current = [];
    },
    clear: () => {
      current = [];
      variables.clear();
      frames.clear();
      targets.clear();
    },
  };
}

const KEPT_STOPS = 2000;
const REPL_CHARACTERS = 100_000;
const HOVER_CHARACTERS = 2000;

/** `coder · 8 shell_run`; inside of a step, that step's name stands in front. */
function frameName(stop: Stop): string {
  const { agent } = stop;
  if (stop.type === 'end') return plainLine(`${agent} · end`, 100);
  const { title, detail } = stepLabel(stop.step);
  const within = stop.outer ? `${agent}, ${stop.outer.step.name}` : agent;
  return plainLine(`${within} · ${stop.step.id} ${title} ${detail}`, 100);
}

function shownScope(scope: Scope, variables: VariableTable): DebugProtocol.Scope {
  const hints = { step: 'locals', arguments: 'arguments', result: 'returnValue' } as const;
  const hint = scope.path in hints ? hints[scope.path as keyof typeof hints] : undefined;
  const shown: DebugProtocol.Scope = {
    name: scope.name,
    variablesReference: variables.add(scope.value, scope.path),
    expensive: false,
    ...(hint ? { presentationHint: hint } : {}),
  };
  if (scope.paged !== true) return shown;
  try {
    const { indexed } = sizeOf(scope.value());
    return indexed > 0 ? { ...shown, indexedVariables: indexed } : shown;
  } catch {
    // It is read again, and then says what is wrong, when it is opened.
    return shown;
  }
}
