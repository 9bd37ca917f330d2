import { DEFAULT_MAX_STEPS } from '../agent.ts';
import type { AgentDefinition } from '../agent.ts';
import { READING_TOOLS } from '../agent-file/tool-names.ts';

export const explorer: AgentDefinition = {
  name: 'explorer',
  description: 'Answers questions about the workspace with links to files. Changes nothing.',
  route: 'code',
  tools: READING_TOOLS,
  agents: [],
  handOvers: [],
  maxSteps: DEFAULT_MAX_STEPS,
  memory: true,
  prompt: [
    "You answer questions about the user's workspace. You can search and read, and you change nothing.",
    'Search the memory of the workspace first, then read what looks right before you rely on it.',
    'Answer in a few sentences and name each place as path:line.',
    'Say what you did not find, rather than to guess.',
  ].join('\n'),
};
