// The agent that LangChain builds on LangGraph.js, kept in its SQLite saver; as in `langgraph-sqlite`, before each next step.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { createAgent } from 'langchain';
import { measured } from '../measured.ts';
import { PROMPT, TASK } from '../task.ts';
import { chatModel, readTool } from './langgraph-loop.mjs';

await measured(({ folder, url, steps, read }) => {
  mkdirSync(folder, { recursive: true });
  const checkpointer = SqliteSaver.fromConnString(join(folder, 'checkpoints.db'));
  const agent = createAgent({
    model: chatModel(url),
    tools: [readTool(read)],
    systemPrompt: PROMPT,
    checkpointer,
  });
  return {
    run: async () => {
      const { messages } = await agent.invoke(
        { messages: [{ role: 'user', content: TASK }] },
        { recursionLimit: 2 * steps + 10, durability: 'sync', configurable: { thread_id: 'bench' } },
      );
      return messages.at(-1).content;
    },
    size: () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
    close: () => checkpointer.db.close(),
  };
});
