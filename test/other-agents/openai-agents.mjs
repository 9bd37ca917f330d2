import { OpenAIAgentsInstrumentation } from '@arizeai/openinference-instrumentation-openai-agents';
import * as agents from '@openai/agents';
import { z } from 'zod';
import { startTracing } from './tracing.mjs';

const provider = startTracing('weather-service');
new OpenAIAgentsInstrumentation({ tracerProvider: provider }).manuallyInstrument(agents);

const weather = agents.tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => {
    if (city === 'Atlantis') throw new Error('no such city');
    return `rain in ${city}`;
  },
});
// The model that is played keeps nothing, of which an answer of the Responses would be one.
const modelSettings = { store: false };
const forecaster = new agents.Agent({
  name: 'forecaster',
  instructions: 'Tell the weather.',
  model: 'gpt-4o',
  modelSettings,
  tools: [weather],
});
const desk = agents.Agent.create({
  name: 'desk',
  instructions: 'Hand over to who knows.',
  model: 'gpt-4o-mini',
  modelSettings,
  handoffs: [forecaster],
});
const modelProvider = new agents.OpenAIProvider({
  apiKey: 'none',
  baseURL: process.env['MODEL_URL'],
  useResponses: process.env['MODEL_API'] === 'responses',
});
const runner = new agents.Runner({ modelProvider, workflowName: 'Weather desk' });
await runner.run(desk, 'Weather in Paris and Atlantis?');
await agents.getGlobalTraceProvider().forceFlush();
await provider.shutdown();
