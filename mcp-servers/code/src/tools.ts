import { optionalInteger, optionalString, schema, stringArgument, text, ToolFailure } from '../../tool.ts';
import type { Content, Tool } from '../../tool.ts';
import type { Notebook } from './notebook.ts';

const defaultSeconds = 60;
const maxSeconds = 600;

export interface Notebooks {
  readonly python: Pick<Notebook, 'run' | 'reset'>;
  readonly javascript: Pick<Notebook, 'run' | 'reset'>;
}

/** What code may do is bounded by the container, so the annotations promise nothing about it. */
const running = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false };

const common =
  'Variables, functions and imports are kept for the next call. The result is what the code prints, then the value of its last expression. ' +
  'Files are those of the workspace, which is the current folder. There is no standard input, and no network unless it was opened for this server.';

/** The tools in the order in which they are listed, which never changes between starts. */
export function toolsFor(notebooks: Notebooks): readonly Tool[] {
  return [
    codeTool(notebooks.python, {
      name: 'python',
      title: 'Run Python',
      description:
        `Runs Python 3 code. ${common} A list of dicts or a data frame becomes a table; open matplotlib figures and values that have ` +
        '`_repr_png_` become images. `display(value)` shows a value in between. `await` works at the top level.',
    }),
    codeTool(notebooks.javascript, {
      name: 'javascript',
      title: 'Run JavaScript',
      description:
        `Runs JavaScript in Node ${process.versions.node.split('.')[0]}. ${common} An array of objects becomes a table. \`display(value)\` shows a value in ` +
        'between; `display({ mimeType: "image/png", data })` shows an image, whose data is a Buffer or base64. ' +
        '`await`, `import` and `require` work at the top level.',
    }),
    {
      definition: {
        name: 'reset',
        title: 'Forget the state',
        description: 'Ends the processes that hold the state of Python and JavaScript, or one of them.',
        inputSchema: schema({ language: { type: 'string', enum: ['python', 'javascript'] } }, []),
        annotations: { ...running, idempotentHint: true },
      },
      run: async (args) => {
        const language = optionalString(args, 'language');
        if (language !== undefined && language !== 'python' && language !== 'javascript')
          throw new ToolFailure('`language` must be python or javascript.');
        const wanted = (['python', 'javascript'] as const).filter((one) => (language ?? one) === one);
        const ended = wanted.filter((one) => notebooks[one].reset());
        return [
          text(ended.length > 0 ? `The state of ${ended.join(' and ')} is gone.` : 'There was no state.'),
        ];
      },
    },
  ];
}

interface CodeTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

function codeTool(notebook: Notebooks['python'], { name, title, description }: CodeTool): Tool {
  return {
    definition: {
      name,
      title,
      description,
      inputSchema: schema(
        {
          code: { type: 'string', minLength: 1 },
          timeoutSeconds: {
            type: 'integer',
            minimum: 1,
            maximum: maxSeconds,
            description: `Time limit in seconds. Default: ${defaultSeconds}. The code is then interrupted, and its state is kept when it stops.`,
          },
        },
        ['code'],
      ),
      annotations: running,
    },
    async run(args, call): Promise<Content> {
      const code = stringArgument(args, 'code');
      if (code.trim() === '') throw new ToolFailure('`code` must not be empty.');
      const seconds = optionalInteger(args, 'timeoutSeconds', { from: 1, to: maxSeconds }) ?? defaultSeconds;
      return notebook.run(code, { ...call, seconds });
    },
  };
}
