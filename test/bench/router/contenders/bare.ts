// The official SDK by itself: what everything else is measured against.
import { OpenAI } from 'openai';
import { MODEL, PROMPT, TASK } from '../answer.ts';
import type { Contender, ContenderOptions } from '../contender.ts';

export function open({ url }: ContenderOptions): Promise<Contender> {
  return Promise.resolve(
    streaming(new OpenAI({ baseURL: url, apiKey: 'sk-none-of-anybody', maxRetries: 0 })),
  );
}

export function streaming(client: OpenAI): Contender {
  return {
    complete: async () => {
      const stream = await client.chat.completions.create({
        model: MODEL,
        messages: [
          { role: 'system', content: PROMPT },
          { role: 'user', content: TASK },
        ],
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      let output: number | undefined;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        output = chunk.usage?.completion_tokens ?? output;
      }
      if (output === undefined) throw new Error('The usage is missing');
      return text.length;
    },
  };
}
