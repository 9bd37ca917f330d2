import { initializeOTEL } from 'langsmith/experimental/otel/setup';
import { traceable } from 'langsmith/traceable';
import { wrapOpenAI } from 'langsmith/wrappers';
import OpenAI from 'openai';

const { DEFAULT_LANGSMITH_TRACER_PROVIDER: provider } = initializeOTEL();
const model = wrapOpenAI(new OpenAI({ apiKey: 'none', baseURL: process.env['MODEL_URL'], maxRetries: 0 }));

const weather = traceable(
  ({ city }) => {
    if (city === 'Atlantis') throw new Error('no such city');
    return `rain in ${city}`;
  },
  { name: 'weather', run_type: 'tool' },
);
const definition = {
  name: 'weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const travel = traceable(
  async (question) => {
    let messages = [{ role: 'user', content: question }];
    for (;;) {
      const { choices } = await model.chat.completions.create({
        model: 'gpt-4o',
        messages,
        tools: [{ type: 'function', function: definition }],
      });
      const { message } = choices[0];
      if (!message.tool_calls) return message.content;
      messages = [...messages, message];
      for (const call of message.tool_calls) {
        const given = JSON.parse(call.function.arguments);
        const content = await weather(given).catch((error) => `Error: ${error.message}`);
        messages = [...messages, { role: 'tool', tool_call_id: call.id, content }];
      }
    }
  },
  { name: 'travel', metadata: { thread_id: 'thread-1', user_id: 'ada' } },
);

await travel('Weather in Paris and Atlantis?');
await provider.shutdown();
