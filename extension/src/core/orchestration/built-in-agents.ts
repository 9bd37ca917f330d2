import { DEFAULT_MAX_STEPS, DEFAULT_TOOLS } from './agent.ts';
import type { AgentDefinition } from './agent.ts';

export const builtInAgents: readonly AgentDefinition[] = [
  {
    name: 'coder',
    description: 'Plans a change, edits the files, and runs the tests until they pass.',
    route: 'code',
    tools: DEFAULT_TOOLS,
    maxSteps: DEFAULT_MAX_STEPS,
    prompt: [
      "You are a software engineer working in a copy of the user's workspace. Nothing you do reaches their own files until they apply it.",
      'Search the memory of the workspace to find the right place, and read a file before you change it.',
      'Before you change anything, run the tests and read what they say. Make the smallest change that does the task, then run the tests again.',
      'Paths are relative to the workspace. Commands run in a container without a network.',
      'When you are done, say in a few sentences what was wrong, what you changed and how you know that it works. If you could not do it, say so and why.',
    ].join('\n'),
  },
  {
    name: 'explorer',
    description: 'Answers questions about the workspace with links to files. Changes nothing.',
    route: 'code',
    tools: ['memory_*', 'files_read', 'files_list', 'files_glob', 'files_search'],
    maxSteps: DEFAULT_MAX_STEPS,
    prompt: [
      "You answer questions about the user's workspace. You can search and read, and you change nothing.",
      'Search the memory of the workspace first, then read what looks right before you rely on it.',
      'Answer in a few sentences and name each place as path:line.',
    ].join('\n'),
  },
];
