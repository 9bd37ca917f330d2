// As a run has it: the router with its health, keys, SDKs and prices.
import { createHealth, orderedRoute } from '../../../../extension/src/core/models/index.ts';
import { createModels } from '../../../../extension/src/node/providers/index.ts';
import { MODEL, PROMPT, TASK } from '../answer.ts';
import type { Contender, ContenderOptions } from '../contender.ts';

export function open({ url }: ContenderOptions): Promise<Contender> {
  const models = createModels({
    routes: new Map([
      [
        'code',
        orderedRoute('code', [
          {
            id: `openai/${MODEL}`,
            provider: 'openai',
            model: MODEL,
            baseUrl: url,
            keyName: 'env:OPENAI_API_KEY',
          },
        ]),
      ],
    ]),
    keys: { get: () => Promise.resolve(undefined) },
    env: { OPENAI_API_KEY: 'sk-none-of-anybody' },
    health: createHealth(Date.now),
    openDemo: () => Promise.reject(new Error('no demo here')),
  });
  return Promise.resolve({
    complete: async () => {
      let length = 0;
      const { usage, cost } = await models.chat({
        route: 'code',
        messages: [
          { role: 'system', text: PROMPT },
          { role: 'user', content: [{ type: 'text', text: TASK }] },
        ],
        tools: [],
        signal: new AbortController().signal,
        onText: (text) => void (length += text.length),
        onNote: () => undefined,
      });
      if (usage.output === 0 || !('usd' in cost)) throw new Error('The usage is missing');
      return length;
    },
  });
}
