import type { Json } from '../base/json.ts';
import { canonicalJson } from '../base/json.ts';
import { conversationDamaged } from './errors.ts';
import type { Message } from './message.ts';
import type { BlobId } from './run-event.ts';

/**
 * A conversation is kept as a linked list of blobs, `{ previous, messages }`, the newest first. A model call adds one node
 * that holds only what is new, so that a run of 1,000 steps grows the log by a constant per step.
 */
export function writeConversation(
  putBlob: (text: string) => BlobId,
  previous: BlobId | null,
  messages: readonly Message[],
): BlobId {
  // Messages are plain data, which an interface without an index signature cannot say of itself.
  return putBlob(canonicalJson({ previous, messages: messages as unknown as Json }));
}

/** All messages up to and with the node `id`, the oldest first. Throws `conversation-damaged`, or what `getBlob` throws. */
export function readConversation(getBlob: (id: BlobId) => string, id: BlobId): Message[] {
  const nodes: (readonly Message[])[] = [];
  const seen = new Set<BlobId>();
  for (let next: BlobId | null = id; next !== null;) {
    if (seen.has(next)) throw conversationDamaged(next);
    seen.add(next);
    const node: ConversationNode = readConversationNode(getBlob, next);
    nodes.push(node.messages);
    next = node.previous;
  }
  return nodes.reverse().flat();
}

export interface ConversationNode {
  readonly previous: BlobId | null;
  readonly messages: readonly Message[];
}

/** One node, for whoever keeps those that it has read. Throws as `readConversation` does. */
export function readConversationNode(getBlob: (id: BlobId) => string, id: BlobId): ConversationNode {
  return parseNode(id, getBlob(id));
}

function parseNode(id: BlobId, text: string): ConversationNode {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw conversationDamaged(id, error);
  }
  if (!isRecord(value)) throw conversationDamaged(id);
  const { previous, messages } = value;
  if (previous !== null && typeof previous !== 'string') throw conversationDamaged(id);
  if (!Array.isArray(messages) || !messages.every(isMessage)) throw conversationDamaged(id);
  return { previous, messages };
}

/** By hand rather than with zod: the webview and the editor's start path use it too. */
export function isMessage(value: unknown): value is Message {
  if (!isRecord(value)) return false;
  switch (value['role']) {
    case 'system':
      return typeof value['text'] === 'string';
    case 'tool':
      return typeof value['callId'] === 'string' && isContent(value['content']);
    case 'user':
    case 'assistant':
      return isContent(value['content']);
    default:
      return false;
  }
}

function isContent(value: unknown): boolean {
  return Array.isArray(value) && value.every(isPart);
}

function isPart(value: unknown): boolean {
  if (!isRecord(value)) return false;
  switch (value['type']) {
    case 'text':
    case 'reasoning':
      return typeof value['text'] === 'string';
    case 'image':
      return typeof value['mimeType'] === 'string' && typeof value['data'] === 'string';
    case 'tool-call':
      return (
        typeof value['callId'] === 'string' &&
        typeof value['tool'] === 'string' &&
        isRecord(value['arguments'])
      );
    default:
      return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
