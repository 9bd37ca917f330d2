import { Agent, OpenAIChatCompletionsModel, Runner, tool } from '@openai/agents';
import { OpenAI } from 'openai';
import { measured } from '../measured.ts';
import { MODEL, PROMPT, READ, TASK } from '../task.ts';

await measured(({ url, steps, read }) => {
  const client = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 });
  const agent = new Agent({
    name: 'bench',
    instructions: PROMPT,
    model: new OpenAIChatCompletionsModel(client, MODEL),
    tools: [tool({ ...READ, strict: true, execute: ({ path }) => Promise.resolve(read(path)) })],
  });
  const runner = new Runner({ tracingDisabled: true });
  return { run: async () => (await runner.run(agent, TASK, { maxTurns: steps + 2 })).finalOutput };
});
