// The smallest loop that works: the SDK, an array of messages, nothing kept. It streams, as Strata does.
import { OpenAI } from 'openai';
import { measured } from '../measured.ts';
import { MODEL, PROMPT, READ, TASK } from '../task.ts';

interface Call {
  id: string;
  name: string;
  arguments: string;
}

await measured(({ url, read }) => {
  const client = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 });
  const tools: OpenAI.ChatCompletionTool[] = [
    { type: 'function', function: { ...READ, parameters: { ...READ.parameters } } },
  ];

  const ask = async (
    messages: OpenAI.ChatCompletionMessageParam[],
  ): Promise<{ readonly text: string; readonly calls: readonly Call[] }> => {
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages,
      tools,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const calls: Call[] = [];
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta;
      text += delta?.content ?? '';
      for (const part of delta?.tool_calls ?? []) {
        const call = (calls[part.index] ??= { id: '', name: '', arguments: '' });
        call.id ||= part.id ?? '';
        call.name += part.function?.name ?? '';
        call.arguments += part.function?.arguments ?? '';
      }
    }
    return { text, calls };
  };

  const run = async (): Promise<string> => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: PROMPT },
      { role: 'user', content: TASK },
    ];
    for (;;) {
      const { text, calls } = await ask(messages);
      if (calls.length === 0) return text;
      messages.push({
        role: 'assistant',
        content: text === '' ? null : text,
        tool_calls: calls.map(({ id, name, arguments: args }) => ({
          id,
          type: 'function',
          function: { name, arguments: args },
        })),
      });
      for (const call of calls) {
        const { path } = JSON.parse(call.arguments) as { path: string };
        messages.push({ role: 'tool', tool_call_id: call.id, content: read(path) });
      }
    }
  };
  return { run };
});
