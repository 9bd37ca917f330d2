import { assert } from '../../../base/assert.ts';
import type { ContextReport, ContextSection } from '../../../protocol/context-report.ts';
import { writeConversation } from '../../../protocol/conversation.ts';
import type { Message, ToolDefinition } from '../../../protocol/message.ts';
import type { BlobId } from '../../../protocol/run-event.ts';
import { budgetOf, SHARES } from './budget.ts';
import { cutResults } from './cut-results.ts';
import { turnsOf, wordEntry } from './entries.ts';
import type { Entry } from './entries.ts';
import { entriesThatMayGo, entriesToCondense } from './plan.ts';
import type { Weighed } from './plan.ts';
import { estimateMessage, estimateText, estimateTools } from './token-estimate.ts';

export interface Opening {
  readonly prompt: string;
  /** Word for word in every request. */
  readonly task: string;
  /** What earlier runs and the workspace have to say about it, after the task in the same message; may be empty. */
  readonly recalled: string;
  readonly tools: readonly ToolDefinition[];
}

export interface WorkingMemoryOptions {
  /**
   * Tokens that a request and its answer may come to. Without it nothing is cut, condensed or reported: so it was in
   * recordings from before there was a budget, which must replay as they are.
   */
  readonly contextTokens: number | undefined;
  readonly putBlob: (text: string) => BlobId;
}

export interface ContextRequest {
  /** Of this moment: what comes later is not in it. */
  readonly messages: readonly Message[];
  readonly conversation: BlobId;
  readonly report: ContextReport | undefined;
}

/** What a summary is to be made of. */
export interface CondenseRequest {
  /** All messages up to now; the step's identity. */
  readonly conversation: BlobId;
  readonly task: string;
  /** The messages that go, whole turns. */
  readonly older: readonly Message[];
  /** What they come to. */
  readonly tokens: number;
  /** Messages that earlier summaries stand for. */
  readonly before: number;
  readonly previous: string | undefined;
  readonly changed: ReadonlyMap<string, readonly string[]>;
  /** What people said, as far as it is in no turn that stays. */
  readonly said: readonly string[];
  /** Tokens that the summary may come to. */
  readonly room: number;
}

export interface Condensed {
  readonly summary: string;
  /** How many of the oldest messages after the summary's place it stands for. */
  readonly messages: number;
}

/**
 * What an agent's conversation holds: system, task, recalled, then a summary of older turns, the people's words in them, and
 * the newest turns. A function of what it is told, so that a replay builds the same requests. Each method costs what is new,
 * not what is there, except when something before the end changes.
 */
export interface WorkingMemory {
  /** Whole turns: a reply with the results of all its calls in their order, or a message of the user's. */
  add(messages: readonly Message[]): void;
  /** A person's word in the middle, which stays word for word whatever else goes. */
  steer(text: string): void;
  /** From here on another agent leads the conversation, or its prompt was edited. */
  setPrompt(prompt: string): void;
  setTools(tools: readonly ToolDefinition[]): void;
  /** `by`, such as `step 12`, changed these files. */
  changed(by: string, paths: readonly string[]): void;
  request(): ContextRequest;
  /** The provider's count of the newest request; the estimates follow it from here on. */
  measured(inputTokens: number): void;
  /** The model refused the newest request as too long: the budget shrinks below it. False when nothing can go. */
  tooLong(): boolean;
  /** What should go before the next request; undefined while it fits, and when condensing would not help. */
  toCondense(): CondenseRequest | undefined;
  /** The same, where the log says that it was condensed here. */
  toCondenseAgain(): CondenseRequest;
  condensed(result: Condensed): void;
}

/** What a provider counts lies between these multiples of the estimate; else it counts something else, such as uncached input. */
const PLAUSIBLE = { least: 0.4, most: 3 };
const KEPT_TURNS = 2;
const BELOW_REFUSED = 0.9;

export function createWorkingMemory(opening: Opening, options: WorkingMemoryOptions): WorkingMemory {
  const { putBlob, contextTokens } = options;
  const { task, recalled } = opening;
  const first: Message = {
    role: 'user',
    content: [{ type: 'text', text: recalled === '' ? task : `${task}\n\n${recalled}` }],
  };
  const taskTokens = estimateMessage(first) - estimateText(recalled);
  const recalledTokens = estimateText(recalled);
  const changed = new Map<string, string[]>();
  const said: string[] = [];
  let budget = contextTokens === undefined ? Number.POSITIVE_INFINITY : budgetOf(contextTokens);
  let system: Message = { role: 'system', text: opening.prompt };
  let toolTokens = estimateTools(opening.tools);
  let systemTokens = estimateMessage(system);
  let summary: { readonly text: string; readonly message: Message; readonly tokens: number } | undefined;
  let saidTokens = 0;
  let entries: Entry[] = [];
  let leftOut = { messages: 0, tokens: 0 };
  const sums = { turn: { messages: 0, tokens: 0 }, word: { messages: 0, tokens: 0 } };
  /** From estimate to what the model in use counts. */
  let factor = 1;
  let keep = KEPT_TURNS;
  let asked = 0;

  let messages: Message[] = [system, first];
  let chain: BlobId | undefined;
  /** Of `messages`, those that the chain holds. */
  let written = 0;

  const head = (): BlobId => {
    if (chain === undefined || written < messages.length) {
      chain = writeConversation(putBlob, chain ?? null, messages.slice(written));
      written = messages.length;
    }
    return chain;
  };

  const rebuild = (): void => {
    messages = [
      system,
      first,
      ...(summary ? [summary.message] : []),
      ...entries.flatMap((entry) => entry.messages),
    ];
    chain = undefined;
    written = 0;
  };

  const push = (entry: Entry): void => {
    entries.push(entry);
    messages.push(...entry.messages);
    sums[entry.kind].messages += entry.messages.length;
    sums[entry.kind].tokens += entry.tokens;
  };

  const fixed = (): number => systemTokens + toolTokens + taskTokens + recalledTokens + saidTokens;
  const raw = (): number => fixed() + (summary?.tokens ?? 0) + sums.turn.tokens + sums.word.tokens;

  const weighed = (): Weighed => ({
    entries,
    budget,
    fixed: fixed() * factor,
    tokens: raw() * factor,
    keep,
    factor,
  });

  const condensing = (count: number): CondenseRequest => {
    const going = entries.slice(0, count);
    const tokens = going.reduce((sum, entry) => sum + entry.tokens, 0);
    return {
      conversation: head(),
      task,
      older: going.flatMap((entry) => entry.messages),
      tokens: Math.round(tokens * factor),
      before: leftOut.messages,
      previous: summary?.text,
      changed,
      said: [...said, ...wordsOf(going)],
      room: Math.floor(budget * SHARES.summary),
    };
  };

  return {
    add: (added) => {
      const fitting = contextTokens === undefined ? added : cutResults(added, budgetOf(contextTokens));
      for (const turn of turnsOf(fitting)) push(turn);
    },
    steer: (text) => push(wordEntry(text)),
    setPrompt: (prompt) => {
      system = { role: 'system', text: prompt };
      systemTokens = estimateMessage(system);
      rebuild();
    },
    setTools: (tools) => {
      toolTokens = estimateTools(tools);
    },
    changed: (by, paths) => {
      for (const path of paths) {
        const known = changed.get(path);
        if (!known) changed.set(path, [by]);
        else if (known.at(-1) !== by) known.push(by);
      }
    },
    request: () => {
      asked = raw();
      return {
        messages: [...messages],
        conversation: head(),
        report: contextTokens === undefined ? undefined : report(),
      };
    },
    measured: (inputTokens) => {
      const times = inputTokens / asked;
      if (times >= PLAUSIBLE.least && times <= PLAUSIBLE.most) factor = times;
    },
    tooLong: () => {
      if (contextTokens === undefined) return false;
      budget = Math.min(budget, asked * factor * BELOW_REFUSED);
      keep = 1;
      return entriesToCondense(weighed()) > 0;
    },
    toCondense: () => {
      if (contextTokens === undefined) return undefined;
      const count = entriesToCondense(weighed());
      return count === 0 ? undefined : condensing(count);
    },
    toCondenseAgain: () => condensing(entriesThatMayGo(weighed())),
    condensed: (result) => {
      let count = 0;
      let gone = { messages: 0, tokens: 0 };
      while (gone.messages < result.messages) {
        const entry = entries[count];
        assert(entry, 'what is condensed was there');
        gone = {
          messages: gone.messages + entry.messages.length,
          tokens: gone.tokens + entry.tokens,
        };
        sums[entry.kind].messages -= entry.messages.length;
        sums[entry.kind].tokens -= entry.tokens;
        count += 1;
      }
      assert(gone.messages === result.messages, 'condensing ends between two turns');
      said.push(...wordsOf(entries.slice(0, count)));
      entries = entries.slice(count);
      leftOut = { messages: leftOut.messages + gone.messages, tokens: leftOut.tokens + gone.tokens };
      const message: Message = { role: 'user', content: [{ type: 'text', text: result.summary }] };
      saidTokens = said.reduce((sum, text) => sum + estimateText(text), 0);
      const tokens = Math.max(0, estimateMessage(message) - saidTokens);
      summary = { text: result.summary, message, tokens };
      rebuild();
    },
  };

  function report(): ContextReport {
    const sections: { section: ContextSection; messages: number; tokens: number }[] = [];
    const put = (section: ContextSection, count: number, tokens: number): void => {
      if (count > 0 || tokens > 0)
        sections.push({ section, messages: count, tokens: Math.round(tokens * factor) });
    };
    put('system', 1, systemTokens + toolTokens);
    put('task', 1, taskTokens);
    put('pinned', sums.word.messages, sums.word.tokens + saidTokens);
    put('recalled', 0, recalledTokens);
    put('condensed', summary ? 1 : 0, summary?.tokens ?? 0);
    put('recent', sums.turn.messages, sums.turn.tokens);
    return {
      budget: Math.floor(budget),
      tokens: sections.reduce((sum, { tokens }) => sum + tokens, 0),
      sections,
      leftOut: { messages: leftOut.messages, tokens: Math.round(leftOut.tokens * factor) },
    };
  }
}

function wordsOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ kind, messages }) =>
    kind === 'word'
      ? messages.flatMap((message) =>
          message.role === 'user'
            ? message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
            : [],
        )
      : [],
  );
}
