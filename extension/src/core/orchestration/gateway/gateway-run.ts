import { assert } from '../../../base/assert.ts';
import { isStrataError } from '../../../base/errors.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import type { ToolCallPart, ToolMessage } from '../../../protocol/message.ts';
import type { Tool, ToolResult } from '../../tools/tool.ts';
import { mergeWork } from '../crew.ts';
import type { RunInput } from '../run-input.ts';
import type { RunPorts } from '../run-ports.ts';
import { listTools, takeSnapshot } from '../run-work.ts';
import type { Work } from '../run-work.ts';
import { callTool, decide } from '../tool-call.ts';
import type { TurnContext } from '../tool-call.ts';
import type { Calls, IncomingCall } from './calls.ts';

const CALLED_OFF = 'The client did not wait for this call.';

/**
 * The program of a run whose calls another program makes: each goes the way of an agent's own call, with the same
 * approvals, snapshots and steps. It ends when no call comes any more.
 */
export async function gatewayRun(ports: RunPorts, input: RunInput): Promise<string> {
  const { calls } = ports;
  assert(calls, 'a run of the gateway has calls');
  const { tree } = await takeSnapshot(ports, input.from);
  ports.onTree(tree);
  const work: Work = { tree, changed: new Set(), failures: [] };
  let tools = await listTools(ports);
  calls.offered(tools);

  /** The user's files as they were when they were last brought in. */
  let known = tree;
  let answered = 0;
  const broken = new AbortController();
  const until = AbortSignal.any([ports.stopping, broken.signal]);
  const open = new Set<Promise<void>>();
  const begin = (job: Promise<unknown>): void => {
    const done = job.then(
      () => void open.delete(done),
      (error: unknown) => broken.abort(error),
    );
    open.add(done);
  };
  const bringIn = async (theirs: string): Promise<void> => {
    const base = known;
    known = theirs;
    await mergeWork(ports, ports.steps, work, {
      name: 'workspace',
      base,
      tree: theirs,
      folder: ports.isolation === 'copy',
    });
  };

  try {
    for (let next = await calls.next(until); next; next = await calls.next(until)) {
      const incoming = next;
      if (incoming.kind === 'tools') {
        tools = await calls.inTurn(incoming, 'beside', () => listTools(ports));
        calls.offered(tools);
      } else if (incoming.kind === 'files') {
        begin(calls.inTurn(incoming, 'alone', () => bringIn(incoming.tree)));
      } else {
        answered += 1;
        begin(perform(ports, calls, incoming, { input, work, tools }));
      }
    }
  } finally {
    // A step must not end after its run has.
    await Promise.all(open);
  }
  broken.signal.throwIfAborted();
  return answered === 1 ? 'Answered 1 call.' : `Answered ${answered} calls.`;
}

async function perform(
  ports: RunPorts,
  calls: Calls,
  call: IncomingCall,
  context: TurnContext,
): Promise<void> {
  let result: ToolResult | undefined;
  const own = portsOf(ports, call, (answer) => (result = answer));
  const asked: ToolCallPart = {
    type: 'tool-call',
    callId: call.tool,
    tool: call.tool,
    arguments: call.arguments,
  };
  const decided = await calls.inTurn(call, 'approval', () => decide(own, context, asked));
  const stage = decided.refusal === undefined && writes(decided.tool) ? 'alone' : 'beside';
  const { message } = await calls.inTurn(call, stage, () => callTool(own, context, decided));
  call.settle(withMessage(result, message));
}

function writes(tool: Tool | undefined): boolean {
  return tool !== undefined && tool.effect !== 'read';
}

/** The ports for one call, whose caller may go away, watches it, and is asked before the person is. */
function portsOf(ports: RunPorts, call: IncomingCall, onResult: (result: ToolResult) => void): RunPorts {
  const { signal, caller } = call;
  return {
    ...ports,
    approve: async (request, given) => {
      try {
        return await ports.approve(request, AbortSignal.any([given, signal]));
      } catch (error) {
        if (given.aborted || !signal.aborted) throw error;
        return { allowed: false, reason: CALLED_OFF };
      }
    },
    tools: {
      catalogue: (given, onProgress) => ports.tools.catalogue(given, onProgress),
      call: async (name, given) => {
        try {
          signal.throwIfAborted();
          const result = await ports.tools.call(name, {
            ...given,
            ...caller,
            signal: AbortSignal.any([given.signal, signal]),
            onOutput: (text) => {
              given.onOutput(text);
              caller.onOutput?.(text);
            },
          });
          onResult(result);
          return result;
        } catch (error) {
          if (given.signal.aborted) throw error;
          if (signal.aborted) return failure(CALLED_OFF);
          // What is missing for one call is no reason to pause for all: the client reads it, and may call again.
          if (!isStrataError(error)) throw error;
          return failure(`${error.message} ${error.action}`);
        }
      },
      dispose: () => ports.tools.dispose(),
    },
  };
}

/** The answer of the tool, with what the run had to say about it. */
function withMessage(result: ToolResult | undefined, { content, isError }: ToolMessage): ToolResult {
  if (!result) return { content, isError };
  const said = content.slice(result.content.length);
  if (!result.raw || said.length === 0) return { ...result, content, isError };
  const parts: Json = result.raw['content'] ?? [];
  const whole = [...(Array.isArray(parts) ? (parts as readonly Json[]) : []), ...said.map(partJson)];
  return { ...result, content, isError, raw: { ...result.raw, content: whole } };
}

function partJson(part: ToolMessage['content'][number]): JsonObject {
  return { ...part };
}

function failure(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
