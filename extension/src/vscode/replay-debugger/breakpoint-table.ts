import type { DebugProtocol } from '@vscode/debugprotocol';
import { isStrataError } from '../../base/errors.ts';
import {
  ERROR_FILTERS,
  parseCondition,
  parseFunctionBreakpoint,
} from '../../core/orchestration/walk/index.ts';
import type { Condition, ErrorFilter, Roots, Stop } from '../../core/orchestration/walk/index.ts';
import type { RunId } from '../../protocol/run-event.ts';

/** Where a line breakpoint came to stand. */
export interface Resolved {
  readonly stop: Stop;
  /** Of the heading of the stop. */
  readonly line: number;
}

export interface LineRequest {
  readonly line: number;
  readonly condition?: string | undefined;
  readonly logMessage?: string | undefined;
}

export interface FunctionRequest {
  readonly name: string;
  readonly condition?: string | undefined;
}

/** Why the walk halts at a stop. */
export interface Hit {
  readonly reason: 'breakpoint' | 'function breakpoint' | 'exception';
  readonly ids: readonly number[];
  readonly filter?: ErrorFilter;
}

/** Where lines lead; undefined while no run is open, or when the run is no part of the one that is. */
export type Resolve = (run: RunId, line: number) => Resolved | undefined;

interface LineBreakpoint {
  readonly id: number;
  readonly run: RunId;
  readonly asked: LineRequest;
  resolved: Resolved | undefined;
  readonly condition: Condition | undefined;
  readonly problem: string | undefined;
}

interface FunctionBreakpoint {
  readonly id: number;
  readonly fits: (stop: Stop) => boolean;
  readonly condition: Condition | undefined;
}

/** The client's breakpoints. They may be set before there is a run to set them in. */
export class BreakpointTable {
  readonly #lines = new Map<RunId, readonly LineBreakpoint[]>();
  readonly #byStop = new Map<Stop, LineBreakpoint[]>();
  #functions: readonly FunctionBreakpoint[] = [];
  #filters: readonly ErrorFilter[] = ERROR_FILTERS.filter(({ byDefault }) => byDefault);
  #lastId = 0;

  /** With nothing to halt at, a walk need not look at what it passes. */
  get isEmpty(): boolean {
    return this.#byStop.size === 0 && this.#functions.length === 0 && this.#filters.length === 0;
  }

  setLines(run: RunId, asked: readonly LineRequest[], resolve: Resolve): DebugProtocol.Breakpoint[] {
    const breakpoints = asked.map((one): LineBreakpoint => {
      const { condition, problem } = readCondition(one.condition);
      return { ...{ id: this.#nextId(), run, asked: one }, ...{ condition, problem, resolved: undefined } };
    });
    this.#lines.set(run, breakpoints);
    this.resolveAll(resolve);
    return breakpoints.map(shown);
  }

  setFunctions(asked: readonly FunctionRequest[]): DebugProtocol.Breakpoint[] {
    const set: FunctionBreakpoint[] = [];
    const answers = asked.map(({ name, condition: text }): DebugProtocol.Breakpoint => {
      const id = this.#nextId();
      const { condition, problem } = readCondition(text);
      const { value: fits, problem: misnamed } = attempt(() => parseFunctionBreakpoint(name));
      const message = problem ?? misnamed;
      if (message !== undefined || !fits) return { id, verified: false, message: message ?? '' };
      set.push({ id, fits, condition });
      return { id, verified: true };
    });
    this.#functions = set;
    return answers;
  }

  setFilters(ids: readonly string[]): void {
    this.#filters = ERROR_FILTERS.filter(({ id }) => ids.includes(id));
  }

  /** Finds the place of every line anew, for a run that was opened. */
  resolveAll(resolve: Resolve): DebugProtocol.Breakpoint[] {
    this.#byStop.clear();
    const all = [...this.#lines.values()].flat();
    for (const breakpoint of all) {
      breakpoint.resolved = resolve(breakpoint.run, breakpoint.asked.line);
      if (!breakpoint.resolved || breakpoint.problem !== undefined) continue;
      const { stop } = breakpoint.resolved;
      this.#byStop.set(stop, [...(this.#byStop.get(stop) ?? []), breakpoint]);
    }
    return all.map(shown);
  }

  /** `log` gets the text of logpoints, which halt nothing. */
  hit(stop: Stop, roots: () => Roots, log: (message: string) => void): Hit | undefined {
    const lines = (this.#byStop.get(stop) ?? []).filter(({ condition }) => condition?.(roots()) ?? true);
    const halting = lines.filter(({ asked }) => {
      if (asked.logMessage === undefined || asked.logMessage === '') return true;
      log(asked.logMessage);
      return false;
    });
    if (halting.length > 0) return { reason: 'breakpoint', ids: halting.map(({ id }) => id) };
    const named = this.#functions.filter(
      ({ fits, condition }) => fits(stop) && (condition?.(roots()) ?? true),
    );
    if (named.length > 0) return { reason: 'function breakpoint', ids: named.map(({ id }) => id) };
    const filter = stop.type === 'step' ? this.#filters.find(({ fits }) => fits(stop)) : undefined;
    return filter && { reason: 'exception', ids: [], filter };
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function shown({ id, asked, resolved, problem }: LineBreakpoint): DebugProtocol.Breakpoint {
  if (problem !== undefined) return { id, verified: false, line: asked.line, message: problem };
  if (resolved) return { id, verified: true, line: resolved.line };
  return {
    id,
    verified: false,
    line: asked.line,
    message: 'It is not in a run that is open in this session.',
  };
}

function readCondition(text: string | undefined): {
  readonly condition: Condition | undefined;
  readonly problem: string | undefined;
} {
  if (text === undefined || text.trim() === '') return { condition: undefined, problem: undefined };
  const { value, problem } = attempt(() => parseCondition(text));
  return { condition: value, problem };
}

function attempt<T>(work: () => T): { readonly value?: T; readonly problem?: string } {
  try {
    return { value: work() };
  } catch (error) {
    if (!isStrataError(error)) throw error;
    return { problem: `${error.message} ${error.action}` };
  }
}
