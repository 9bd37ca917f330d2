import { tool } from '@langchain/core/tools';
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph';
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt';
import { ChatOpenAI } from '@langchain/openai';
import { MODEL, PROMPT, READ, TASK } from '../task.ts';

/** Does not stream: while it streams it counts tokens with a vocabulary that it asks the network for. */
export function chatModel(url) {
  return new ChatOpenAI({ model: MODEL, apiKey: 'none', maxRetries: 0, configuration: { baseURL: url } });
}

export function readTool(read) {
  const { name, description, parameters } = READ;
  return tool(({ path }) => read(path), { name, description, schema: parameters });
}

/** The graph of LangGraph's own introduction: a model, its tools, and back. */
export async function runGraph({ url, steps, read }, checkpointer) {
  const tools = [readTool(read)];
  const model = chatModel(url).bindTools(tools);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode('tools', new ToolNode(tools))
    .addEdge('__start__', 'model')
    .addConditionalEdges('model', toolsCondition)
    .addEdge('tools', 'model')
    .compile(checkpointer ? { checkpointer } : {});
  const said = [
    { role: 'system', content: PROMPT },
    { role: 'user', content: TASK },
  ];
  const { messages } = await graph.invoke(
    { messages: said },
    {
      recursionLimit: 2 * steps + 10,
      ...(checkpointer ? { durability: 'sync', configurable: { thread_id: 'bench' } } : {}),
    },
  );
  return messages.at(-1).content;
}
