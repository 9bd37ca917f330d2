import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import * as callbacks from '@langchain/core/callbacks/manager';
import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt';
import { ChatOpenAI } from '@langchain/openai';
import { LangSmithOTLPTraceExporter } from 'langsmith/experimental/otel/exporter';
import { z } from 'zod';
import { startTracing } from './tracing.mjs';

const isLangSmith = process.env['LANGSMITH_TRACING'] === 'true';
const provider = startTracing('travel-desk', isLangSmith ? new LangSmithOTLPTraceExporter() : undefined);
new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(callbacks);

const weather = tool(
  ({ city }) => {
    if (city === 'Atlantis') throw new Error('no such city');
    return `rain in ${city}`;
  },
  { name: 'weather', description: 'The weather of a city', schema: z.object({ city: z.string() }) },
);
const configuration = { baseURL: process.env['MODEL_URL'] };
const model = new ChatOpenAI({ model: 'gpt-4o', apiKey: 'none', maxRetries: 0, configuration });
const planner = model.bindTools([weather]);
const graph = new StateGraph(MessagesAnnotation)
  .addNode('planner', async ({ messages }) => ({ messages: [await planner.invoke(messages)] }))
  .addNode('tools', new ToolNode([weather]))
  .addEdge(START, 'planner')
  .addConditionalEdges('planner', toolsCondition, ['tools', END])
  .addEdge('tools', 'planner')
  .compile({ name: 'travel' });

await graph.invoke(
  { messages: [new HumanMessage('Weather in Paris and Atlantis?')] },
  { configurable: { thread_id: 'thread-1' } },
);
await provider.shutdown();
