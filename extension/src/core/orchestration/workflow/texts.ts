/** What the templates of a workflow may name. */
export interface TemplateValues {
  readonly task: string;
  /** By the id of the node. */
  readonly answers: ReadonlyMap<string, string>;
  readonly item?: string;
}

/** Puts `{{task}}`, `{{item}}` and `{{id.answer}}` in their places. A node that was not taken has an empty answer. */
export function fillTemplate(text: string, { task, answers, item }: TemplateValues): string {
  return text.replace(/\{\{\s*([\w-]+)(?:\.answer)?\s*\}\}/g, (whole, name: string) => {
    if (whole.includes('.answer')) return answers.get(name) ?? '';
    if (name === 'task') return task;
    if (name === 'item') return item ?? '';
    return whole;
  });
}
