// The SDK by way of the gateway, which runs as a server of its own.
import { OpenAI } from 'openai';
import type { Contender, ContenderOptions } from '../contender.ts';
import { streaming } from './bare.ts';

export function open({ url, gateway }: ContenderOptions): Promise<Contender> {
  const client = new OpenAI({
    baseURL: gateway,
    apiKey: 'sk-none-of-anybody',
    // It closes idle connections after five seconds, also one that is about to be used.
    maxRetries: 2,
    defaultHeaders: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': url },
  });
  return Promise.resolve(streaming(client));
}
