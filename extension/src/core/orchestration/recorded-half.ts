import type { AssistantMessage } from '../../protocol/message.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { foldRun } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import type { Recalled } from '../memory/episodes/episode.ts';
import type { Models, RoutedReply } from '../models/provider.ts';
import type { Tool, ToolResult, Tools } from '../tools/tool.ts';
import { notRecorded, runNotFound } from './errors.ts';
import { fromPayload } from './payload.ts';
import type { RunFiles, RunLog, RunMemory } from './ports.ts';
import type { RunResources } from './run-environment.ts';

type Log = Pick<RunLog, 'getBlob' | 'read'>;

/**
 * What a run with the origin `replay` works with: one half of it live, the other answered from the log of the run that it
 * replays. `view` holds what the new run has done already, which is not answered a second time.
 */
export function halfRecorded(log: Log, view: RunView, resources: RunResources): RunResources {
  const { origin } = view;
  if (origin.kind !== 'replay') return resources;
  const source = foldRun(log.read(origin.run));
  if (!source) throw runNotFound(origin.run);
  const recorded = finished(source);
  const done = finished(view);
  if (origin.live === 'tools') {
    // What servers asked of models is in no step of its own, so the recorded replies are not theirs.
    const { sampling: _, ...others } = resources;
    return { ...others, models: recordedModels(log, recorded, done) };
  }
  const { tools, files } = recordedTools(log, recorded, done, resources.files);
  return { ...resources, tools, files, memory: recordedMemory(log, recorded) };
}

function finished({ steps }: RunView): readonly StepView[] {
  return steps.filter(({ id, status }) => !id.includes('.') && status === 'finished');
}

/** The replies in the order in which they came, whatever is asked. */
function recordedModels(log: Log, recorded: readonly StepView[], done: readonly StepView[]): Models {
  const isReply = ({ kind, model }: StepView): boolean => kind === 'chat' && model !== undefined;
  const replies = recorded.filter(isReply).slice(done.filter(isReply).length);
  return {
    chat: (call): Promise<RoutedReply> => {
      const step = replies.shift();
      if (!step?.output || !step.model) return Promise.reject(notRecorded('model call', call.route));
      const message = fromPayload(log, step.output) as unknown as AssistantMessage;
      const { provider, model, usage } = step.model;
      call.onNote('info', `The reply of step ${step.id} of the recorded run.`);
      return Promise.resolve({
        message,
        stop: message.content.some(({ type }) => type === 'tool-call') ? 'tool-calls' : 'end',
        deployment: `${provider}/${model}`,
        provider,
        model,
        usage,
        // Nothing was asked, so nothing is paid.
        cost: { kind: 'free' },
      });
    },
  };
}

interface RecordedCall extends JsonObject {
  readonly content: Json;
  readonly isError: boolean;
  readonly structured?: JsonObject;
  readonly tree?: string;
}

/** Results by tool and arguments; of equal calls in the order in which they were made, and then the last one again. */
function recordedTools(
  log: Log,
  recorded: readonly StepView[],
  done: readonly StepView[],
  live: RunFiles,
): { readonly tools: Tools; readonly files: RunFiles } {
  const waiting = new Map<string, RecordedCall[]>();
  const keyOf = ({ name, input }: StepView): string =>
    callKey(name, (fromPayload(log, input) as JsonObject)['arguments']);
  for (const step of recorded.filter(({ kind }) => kind === 'tool')) {
    if (!step.output) continue;
    const key = keyOf(step);
    waiting.set(key, [...(waiting.get(key) ?? []), fromPayload(log, step.output) as RecordedCall]);
  }
  /** The files as the newest answer had left them. */
  let tree: string | undefined;
  const answer = (key: string): RecordedCall | undefined => {
    const known = waiting.get(key);
    const found = known && known.length > 1 ? known.shift() : known?.[0];
    tree = found?.tree ?? tree;
    return found;
  };
  for (const step of done.filter(({ kind }) => kind === 'tool')) answer(keyOf(step));

  const catalogue = recorded.find(({ kind }) => kind === 'catalogue')?.output;
  const tools: Tools = {
    catalogue: () =>
      Promise.resolve({
        tools: catalogue ? (fromPayload(log, catalogue) as unknown as readonly Tool[]) : [],
        notes: [],
      }),
    call: (name, { arguments: given }) => {
      const found = answer(callKey(name, given));
      if (!found) return Promise.resolve(failure(notRecorded('call of', name).message));
      const { content, isError, structured } = found;
      const result = { content: content as unknown as ToolResult['content'], isError };
      return Promise.resolve(structured === undefined ? result : { ...result, structured });
    },
    dispose: () => Promise.resolve(),
  };
  const snapshot: RunFiles['snapshot'] = async (signal) => {
    if (tree === undefined) return live.snapshot(signal);
    await live.restore(tree, signal);
    return tree;
  };
  // Its own methods, not a copy of them: an adapter may be an object with state.
  const files: RunFiles = {
    folder: live.folder,
    begin: (signal, from) => live.begin(signal, from),
    snapshot,
    restore: (to, signal) => live.restore(to, signal),
    changedPaths: (before, after) => live.changedPaths(before, after),
    merge: (changes, signal) => live.merge(changes, signal),
  };
  return { tools, files };
}

function callKey(name: string, given: Json | undefined): string {
  return `${name} ${canonicalJson(given ?? {})}`;
}

/** What was recalled then; what this run is about is no news. */
function recordedMemory(log: Log, recorded: readonly StepView[]): RunMemory {
  const recalled = recorded.find(({ kind }) => kind === 'recall')?.output;
  return {
    recall: () =>
      Promise.resolve(recalled ? (fromPayload(log, recalled) as unknown as readonly Recalled[]) : []),
    index: () => Promise.resolve({ files: 0, chunks: 0, changed: 0, removed: 0, skipped: 0 }),
    remember: () => Promise.resolve(),
  };
}

function failure(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
