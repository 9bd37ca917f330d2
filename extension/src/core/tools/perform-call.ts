import type { ToolUse } from '../../protocol/tool-use.ts';
import type { ResultCache } from './cache.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ServerFacts } from './server-facts.ts';
import type { Tool, ToolCall, ToolResult, ToolServer } from './tool.ts';

export interface CallParts {
  readonly cache?: ResultCache;
  readonly limits?: RateLimits;
}

export interface Target {
  readonly server: ToolServer;
  /** As it is offered. */
  readonly tool: Tool;
  /** As the server names it. */
  readonly ownName: string;
  /** Absent for a server in process. */
  readonly facts: ServerFacts | undefined;
}

/**
 * One call: from the cache where it is known, else when its turn has come, and without the secrets of the server in
 * whatever it says. What is kept has been redacted before.
 */
export async function performCall(parts: CallParts, target: Target, call: ToolCall): Promise<ToolResult> {
  const { cache } = parts;
  const { tool, facts } = target;
  const plan = facts && cache?.planFor(tool, facts, call);
  const live = (whole: ToolCall): Promise<ToolResult> => callServer(parts, target, whole);
  return plan && cache ? cache.answer(plan, call, live) : live(call);
}

async function callServer({ limits }: CallParts, target: Target, call: ToolCall): Promise<ToolResult> {
  const { server, tool, ownName, facts } = target;
  const admission = await limits?.admit(tool.name, call);
  if (admission?.kind === 'refused')
    return {
      content: [{ type: 'text', text: admission.text }],
      isError: true,
      use: useOf(target, undefined, 0),
    };
  const { redaction } = facts ?? {};
  const output = redaction?.stream(call.onOutput);
  const { onNote, onProgress } = call;
  const safe: ToolCall = redaction
    ? {
        ...call,
        onOutput: (text) => output?.write(text),
        ...(onNote ? { onNote: (level, text) => onNote(level, redaction.text(text)) } : {}),
        ...(onProgress
          ? {
              onProgress: ({ message, ...rest }) =>
                onProgress({
                  ...rest,
                  ...(message === undefined ? {} : { message: redaction.text(message) }),
                }),
            }
          : {}),
      }
    : call;
  const result = await server.call(ownName, safe).finally(() => output?.end());
  const told = redaction?.result(result) ?? result;
  return { ...told, use: useOf(target, result.use, admission?.waitedMs ?? 0) };
}

function useOf({ server, facts }: Target, use: ToolUse | undefined, waitedMs: number): ToolUse {
  return {
    server: server.name,
    ...(facts?.image === undefined ? {} : { image: facts.image }),
    ...use,
    ...(waitedMs > 0 ? { waitedMs } : {}),
  };
}
