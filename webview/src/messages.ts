import type {
  ImagePart,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
} from '../../extension/src/protocol/message.ts';
import { folded, plainSection, proseBlock, resultBlock } from './blocks.ts';
import { linkButton } from './button.ts';
import { picture } from './content/picture.ts';
import { h } from './dom.ts';
import { icon } from './icons.ts';
import type { IconName } from './icon-names.ts';
import { presentArguments } from './present.ts';

/** The newest messages are what a reader came for; older ones come on request, this many at a time. */
const BATCH = 20;

const roles: Readonly<Record<Message['role'], { readonly icon: IconName; readonly label: string }>> = {
  system: { icon: 'info', label: 'System' },
  user: { icon: 'person', label: 'User' },
  assistant: { icon: 'sparkle', label: 'Assistant' },
  tool: { icon: 'tools', label: 'Tool result' },
};

export function messageList(messages: readonly Message[]): HTMLElement {
  const tools = toolNames(messages);
  const list = h('div', { class: 'messages' });
  let from = Math.max(0, messages.length - BATCH);
  list.append(...messages.slice(from).map((message) => messageBlock(message, tools)));
  const earlier = linkButton('', () => {
    const next = Math.max(0, from - BATCH);
    earlier.after(...messages.slice(next, from).map((message) => messageBlock(message, tools)));
    from = next;
    name();
  });
  const name = () => {
    earlier.textContent = `Show earlier messages (${String(from)})`;
    earlier.hidden = from === 0;
  };
  name();
  list.prepend(earlier);
  return list;
}

function messageBlock(message: Message, tools: ReadonlyMap<string, string>): HTMLElement {
  const role = roles[message.role];
  const failed = message.role === 'tool' && message.isError;
  const label =
    message.role === 'tool'
      ? `${failed ? 'Tool error' : role.label}: ${tools.get(message.callId) ?? message.callId}`
      : role.label;
  const parts: readonly HTMLElement[] =
    message.role === 'system'
      ? [proseBlock(message.text)]
      : message.content.map((part) => partBlock(part, message.role));
  return h(
    'article',
    { class: 'message', attributes: { 'data-role': message.role, ...(failed ? { 'data-failed': '' } : {}) } },
    h('h3', { class: 'role' }, icon(failed ? 'warning' : role.icon), label),
    ...(parts.length > 0 ? parts : [h('p', { class: 'hint' }, 'No content')]),
  );
}

function partBlock(
  part: TextPart | ImagePart | ReasoningPart | ToolCallPart,
  role: Message['role'],
): HTMLElement {
  switch (part.type) {
    case 'text':
      return role === 'tool' ? resultBlock(part.text) : proseBlock(part.text);
    case 'reasoning':
      return folded('Reasoning', proseBlock(part.text));
    case 'image':
      return picture(part.mimeType, part.data);
    case 'tool-call': {
      const sections = presentArguments('', part.arguments);
      return h(
        'div',
        { class: 'call' },
        h('div', { class: 'call-name' }, icon('tools'), h('span', {}, 'calls '), h('code', {}, part.tool)),
        ...(sections.length > 0 ? sections.map(plainSection) : [h('p', { class: 'hint' }, 'No arguments')]),
      );
    }
  }
}

function toolNames(messages: readonly Message[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    for (const part of message.content) if (part.type === 'tool-call') names.set(part.callId, part.tool);
  }
  return names;
}
