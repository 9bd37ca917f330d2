import type { ImagePart, TextPart } from '../../protocol/message.ts';
import type { CallContext } from './tool.ts';

/** A server asks for an answer of a model (MCP sampling). Only servers of the older revisions of the protocol can. */
export interface SamplingRequest {
  readonly server: string;
  /** Of a wish of Strata's own servers; for any other the agent's route answers. */
  readonly route?: string;
  readonly systemPrompt?: string;
  readonly messages: readonly SamplingMessage[];
  readonly maxTokens: number;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  /** Names of models that the server would like, the best first; they may be names of other providers. */
  readonly modelHints: readonly string[];
  /** The run that pays for it; absent when no call of a run, or calls of several, are open at the server. */
  readonly context?: CallContext;
}

export interface SamplingMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly (TextPart | ImagePart)[];
}

export type SamplingAnswer =
  | {
      readonly kind: 'answered';
      readonly text: string;
      readonly model: string;
      readonly stopReason: 'endTurn' | 'maxTokens' | 'stopSequence';
    }
  /** No budget is left, or a person does not want it: the reason goes to the server. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Behind the run's budget. A server is told that it can ask only where there is one. */
export type Sample = (request: SamplingRequest, signal: AbortSignal) => Promise<SamplingAnswer>;
