import { applyChanges } from '../change-set.ts';
import { planChanges } from '../patch-plan.ts';
import { schema, text, ToolFailure, type Arguments } from '../../../tool.ts';
import type { FileTool } from '../file-tool.ts';

const maxOperations = 200;

export const patchTool: FileTool = {
  definition: {
    name: 'patch',
    title: 'Change several files at once',
    description:
      'Makes several changes in several files, all of them or, when one of them cannot be made, none. `operations` is done in order, and ' +
      'later ones see what earlier ones did. Each has an `action`: ' +
      '`edit` (path, oldText, newText, replaceAll) replaces an exact piece of text as the tool `edit` does; ' +
      '`create` (path, text) makes a file that does not exist; `replace` (path, text) puts a whole new text into one that does; ' +
      '`delete` (path) removes a file; `move` (path, to) moves or renames one. ' +
      'For example: [{"action":"edit","path":"a.ts","oldText":"one","newText":"two"},{"action":"move","path":"b.ts","to":"c.ts"}].',
    inputSchema: schema(
      {
        operations: {
          type: 'array',
          minItems: 1,
          maxItems: maxOperations,
          items: schema(
            {
              action: { type: 'string', enum: ['edit', 'create', 'replace', 'delete', 'move'] },
              path: { type: 'string', description: 'Path relative to the workspace.' },
              oldText: { type: 'string', minLength: 1, description: 'For `edit`.' },
              newText: { type: 'string', description: 'For `edit`.' },
              replaceAll: { type: 'boolean', description: 'For `edit`: every place, not only the one.' },
              text: { type: 'string', description: 'For `create` and `replace`.' },
              to: { type: 'string', description: 'For `move`: the new path itself.' },
            },
            ['action', 'path'],
          ),
        },
      },
      ['operations'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  },
  async run(args, { root, signal }) {
    const plan = await planChanges(root, operationsOf(args));
    signal.throwIfAborted();
    await applyChanges(plan.files);
    return [text(plan.done.join('\n'))];
  },
};

function operationsOf(args: Arguments): readonly Arguments[] {
  const value = args['operations'];
  if (!Array.isArray(value) || value.length === 0 || value.length > maxOperations)
    throw new ToolFailure(`\`operations\` must be a list of 1 to ${maxOperations} operations.`);
  return value.map((one: unknown, i) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one))
      throw new ToolFailure(`Operation ${i + 1} must be an object with \`action\` and \`path\`.`);
    return { ...one };
  });
}
