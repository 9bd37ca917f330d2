import { setTimeout as delay } from 'node:timers/promises';
import { IMAGE, SOUND } from './samples.ts';
import { said } from './tool.ts';
import type { FixtureTools } from './tool.ts';

const text = { type: 'text', text: 'This is a simple text response for testing.' } as const;
const image = { type: 'image', data: IMAGE, mimeType: 'image/png' } as const;

function resource(uri: string, mimeType: string, content: string) {
  return { type: 'resource', resource: { uri, mimeType, text: content } } as const;
}

/** Each kind of result, and what a server says while it works. */
export const plainTools: FixtureTools = {
  test_simple_text: { description: 'Answers with text.', call: () => ({ content: [text] }) },
  test_image_content: { description: 'Answers with an image.', call: () => ({ content: [image] }) },
  test_audio_content: {
    description: 'Answers with sound.',
    call: () => ({ content: [{ type: 'audio', data: SOUND, mimeType: 'audio/wav' }] }),
  },
  test_embedded_resource: {
    description: 'Answers with a resource.',
    call: () => ({
      content: [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    }),
  },
  test_multiple_content_types: {
    description: 'Answers with text, an image and a resource.',
    call: () => ({
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        image,
        resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    }),
  },
  test_error_handling: {
    description: 'Fails.',
    call: () => ({ ...said('This tool intentionally returns an error for testing'), isError: true }),
  },
  test_tool_with_logging: {
    description: 'Logs three messages.',
    call: async ({ mcpReq }) => {
      for (const message of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await mcpReq.log('info', message);
        await delay(50);
      }
      return said('Tool with logging executed successfully');
    },
  },
  test_logging_tool: {
    description: 'Logs a message, where the client wants any.',
    call: async ({ mcpReq }) => {
      await mcpReq.log('info', 'The tool was called.');
      return said('Logged.');
    },
  },
  test_tool_with_progress: {
    description: 'Reports its progress.',
    call: async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        const params = { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` };
        await mcpReq.notify({ method: 'notifications/progress', params });
        await delay(300);
      }
      return said('Done.');
    },
  },
  test_streaming_elicitation: {
    description: 'Answers without a question.',
    call: () => said('No question.'),
  },
  test_trigger_tool_change: {
    description: 'Says that its tools have changed.',
    call: async (_context, _args, server) => {
      await server.sendToolListChanged();
      return said('Said so.');
    },
  },
  test_trigger_prompt_change: {
    description: 'Says that its prompts have changed.',
    call: async (_context, _args, server) => {
      await server.sendPromptListChanged();
      return said('Said so.');
    },
  },
  json_schema_2020_12_tool: {
    description: 'Has a schema with all of the words of JSON Schema 2020-12 that a client must keep.',
    inputSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: {
        address: {
          $anchor: 'addressDef',
          type: 'object',
          properties: { street: { type: 'string' }, city: { type: 'string' } },
        },
      },
      properties: {
        name: { type: 'string' },
        address: { $ref: '#/$defs/address' },
        contactMethod: { type: 'string', enum: ['phone', 'email'] },
        phone: { type: 'string' },
        email: { type: 'string' },
      },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
      then: { required: ['phone'] },
      else: { required: ['email'] },
      additionalProperties: false,
    },
    call: (_context, args) => said(JSON.stringify(args)),
  },
};
