import { mainContent } from './main-content.ts';
import { MarkdownWriter } from './writer.ts';
import { readElements } from './elements.ts';

export interface MarkdownOptions {
  /** What relative addresses are relative to. */
  readonly base: string;
  readonly wholePage: boolean;
}

/**
 * A page as Markdown. The parser tells of tags as it meets them, so there is no tree: pages of any size and depth take a
 * time that grows with their length alone.
 */
export function toMarkdown(
  html: string,
  { base, wholePage }: MarkdownOptions,
): { readonly text: string; readonly title: string | undefined } {
  const main = wholePage ? undefined : mainContent(html);
  const writer = new MarkdownWriter({ base, main, wholePage });
  readElements(html, writer);
  return writer.end();
}
