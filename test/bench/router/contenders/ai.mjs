import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import { MODEL, PROMPT, TASK } from '../answer.ts';

export function open({ url }) {
  const provider = createOpenAI({ baseURL: url, apiKey: 'sk-none-of-anybody' });
  return Promise.resolve({
    complete: async () => {
      const answer = streamText({
        model: provider.chat(MODEL),
        instructions: PROMPT,
        prompt: TASK,
        maxRetries: 0,
      });
      let length = 0;
      for await (const text of answer.textStream) length += text.length;
      const { outputTokens } = await answer.usage;
      if (outputTokens === undefined) throw new Error('The usage is missing');
      return length;
    },
  });
}
