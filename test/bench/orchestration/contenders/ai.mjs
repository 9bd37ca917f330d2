import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, tool } from 'ai';
import * as z from 'zod';
import { measured } from '../measured.ts';
import { MODEL, PROMPT, READ, TASK } from '../task.ts';

await measured(({ url, steps, read }) => {
  const options = {
    model: createOpenAI({ baseURL: url, apiKey: 'none' }).chat(MODEL),
    instructions: PROMPT,
    prompt: TASK,
    tools: {
      [READ.name]: tool({
        description: READ.description,
        inputSchema: z.object({ path: z.string().describe(READ.parameters.properties.path.description) }),
        execute: ({ path }) => Promise.resolve(read(path)),
      }),
    },
    stopWhen: isStepCount(steps + 2),
    maxRetries: 0,
  };
  return { run: async () => (await generateText(options)).text };
});
