import {
  acceptedContent,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { GetPromptResult, PromptMessage, Server } from '@modelcontextprotocol/server';
import { textForm } from './forms.ts';
import { IMAGE } from './samples.ts';

const PROMPTS = [
  { name: 'test_simple_prompt', description: 'A prompt without arguments.' },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with arguments.',
    arguments: [
      { name: 'arg1', required: true },
      { name: 'arg2', required: true },
    ],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt with a resource.',
    arguments: [{ name: 'resourceUri', required: true }],
  },
  { name: 'test_prompt_with_image', description: 'A prompt with an image.' },
  { name: 'test_input_required_result_prompt', description: 'A prompt that has a question first.' },
];

export function servePrompts(server: Server): void {
  server.setRequestHandler('prompts/list', () => ({ prompts: PROMPTS }));
  server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) => {
    if (params.name !== 'test_input_required_result_prompt')
      return prompt(params.name, params.arguments ?? {});
    const answer = acceptedContent(mcpReq.inputResponses, 'user_context')?.['context'];
    if (typeof answer === 'string') return messages(text(`Use the following context: ${answer}`));
    const requestedSchema = textForm('context');
    const question = inputRequired.elicit({ message: 'Which context?', requestedSchema });
    return inputRequired({ inputRequests: { user_context: question } });
  });
  server.setRequestHandler('completion/complete', ({ params }) => ({
    completion: {
      values: ['testValue1', 'testValue2'].filter((one) => one.startsWith(params.argument.value)),
    },
  }));
}

function prompt(name: string, args: Readonly<Record<string, string>>): GetPromptResult {
  switch (name) {
    case 'test_simple_prompt':
      return messages(text('This is a simple prompt for testing.'));
    case 'test_prompt_with_arguments':
      return messages(text(`Prompt with arguments: arg1='${args['arg1']}', arg2='${args['arg2']}'`));
    case 'test_prompt_with_embedded_resource': {
      const uri = args['resourceUri'] ?? '';
      const resource = { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' };
      return messages({ type: 'resource', resource }, text('Please process the embedded resource above.'));
    }
    case 'test_prompt_with_image':
      return messages(
        { type: 'image', data: IMAGE, mimeType: 'image/png' },
        text('Look at the image above.'),
      );
    default:
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`);
  }
}

function text(content: string): PromptMessage['content'] {
  return { type: 'text', text: content };
}

function messages(...contents: readonly PromptMessage['content'][]): GetPromptResult {
  return { messages: contents.map((content) => ({ role: 'user', content })) };
}
