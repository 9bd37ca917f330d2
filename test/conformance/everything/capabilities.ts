import type { ServerCapabilities } from '@modelcontextprotocol/server';

const LISTS = { listChanged: true };

export const CAPABILITIES: ServerCapabilities = {
  tools: LISTS,
  resources: { ...LISTS, subscribe: true },
  prompts: LISTS,
  completions: {},
  logging: {},
};
