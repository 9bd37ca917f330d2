import { plainSection } from './blocks.ts';
import { messageList } from './messages.ts';
import type { Section } from './present.ts';

export function sectionBlock(section: Section): HTMLElement {
  return section.kind === 'messages' ? messageList(section.messages) : plainSection(section);
}
