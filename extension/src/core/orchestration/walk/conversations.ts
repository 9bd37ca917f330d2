import { readConversationNode } from '../../../protocol/conversation.ts';
import { conversationDamaged } from '../../../protocol/errors.ts';
import type { Message } from '../../../protocol/message.ts';
import type { BlobId } from '../../../protocol/run-event.ts';

/** Recorded conversations, of which each node is read once: from one step to the next it is one node more. */
export interface Conversations {
  /** Number of messages. Throws `conversation-damaged`, or what `getBlob` throws. */
  length(id: BlobId): number;
  slice(id: BlobId, start: number, count: number): readonly Message[];
}

interface Node {
  readonly previous: Node | undefined;
  readonly messages: readonly Message[];
  /** With all before it. */
  readonly total: number;
}

export function createConversations(getBlob: (id: BlobId) => string): Conversations {
  const known = new Map<BlobId, Node>();

  const nodeOf = (id: BlobId): Node => {
    const unread: { readonly id: BlobId; readonly messages: readonly Message[] }[] = [];
    const seen = new Set<BlobId>();
    let next: BlobId | null = id;
    while (next !== null && !known.has(next)) {
      if (seen.has(next)) throw conversationDamaged(next);
      seen.add(next);
      const { previous, messages } = readConversationNode(getBlob, next);
      unread.push({ id: next, messages });
      next = previous;
    }
    let node = next === null ? undefined : known.get(next);
    for (const { id: one, messages } of unread.reverse()) {
      node = { previous: node, messages, total: (node?.total ?? 0) + messages.length };
      known.set(one, node);
    }
    const found = node ?? known.get(id);
    if (!found) throw conversationDamaged(id);
    return found;
  };

  return {
    length: (id) => nodeOf(id).total,
    slice: (id, start, count) => {
      const parts: (readonly Message[])[] = [];
      let first = 0;
      for (let node: Node | undefined = nodeOf(id); node && node.total > start; node = node.previous) {
        first = node.total - node.messages.length;
        if (first < start + count) parts.push(node.messages);
      }
      const found = parts.reverse().flat();
      return found.slice(Math.max(0, start - first), Math.max(0, start - first) + count);
    },
  };
}
