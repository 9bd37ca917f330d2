// As `bare`, with whole answers in place of streamed ones.
import { OpenAI } from 'openai';
import { measured } from '../measured.ts';
import { MODEL, PROMPT, READ, TASK } from '../task.ts';

await measured(({ url, read }) => {
  const client = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 });
  const tools: OpenAI.ChatCompletionTool[] = [
    { type: 'function', function: { ...READ, parameters: { ...READ.parameters } } },
  ];
  const run = async (): Promise<string> => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: PROMPT },
      { role: 'user', content: TASK },
    ];
    for (;;) {
      const completion = await client.chat.completions.create({ model: MODEL, messages, tools });
      const message = completion.choices[0]?.message;
      if (!message?.tool_calls) return message?.content ?? '';
      messages.push(message);
      for (const call of message.tool_calls) {
        if (call.type !== 'function') continue;
        const { path } = JSON.parse(call.function.arguments) as { path: string };
        messages.push({ role: 'tool', tool_call_id: call.id, content: read(path) });
      }
    }
  };
  return { run };
});
