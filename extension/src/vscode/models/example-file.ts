/** What `.strata/models.jsonc` begins as: every option, in comments, so that nothing changes until a person wants it. */
export const EXAMPLE = `{
  // Which models serve which task type. Without this file they follow from the keys that are set.
  // Keys never stand here: set them with “Strata: Set API Key”.
  "routes": {
    // The first that can be called takes a call; the others follow when it fails.
    // "code": ["anthropic/claude-sonnet-4-6", "openai/gpt-5"],

    // "reasoning": {
    //   // ordered, weighted, least-busy, lowest-latency or lowest-cost
    //   "strategy": "weighted",
    //   "deployments": [
    //     { "provider": "anthropic", "model": "claude-opus-4-6", "weight": 3 },
    //     { "provider": "openai", "model": "gpt-5", "api": "responses", "weight": 1 },
    //   ],
    //   // Routes that take over what these find too long, or refuse for its content.
    //   "onContextLength": "long-context",
    //   "onContentPolicy": "code",
    // },

    // Any server that speaks OpenAI’s API: a proxy, vLLM, OpenRouter, Azure.
    // "fast": [
    //   {
    //     "provider": "openai",
    //     "model": "gpt-5-mini",
    //     "baseUrl": "https://models.example.com/v1",
    //     // Names the key that goes to this server and to no other.
    //     "keyName": "work",
    //     "api": "chat",
    //     // US dollars for a million tokens; goes before the price list.
    //     "price": { "input": 0.25, "output": 2, "cacheRead": 0.03 },
    //     // Tokens of input and output together.
    //     "contextWindow": 400000,
    //   },
    //   { "provider": "ollama", "model": "llama3.2", "baseUrl": "http://127.0.0.1:11434" },
    // ],

    // A model that your editor has, such as one of GitHub Copilot.
    // "review": ["vscode/copilot/gpt-5"],
  },

  // What the route “auto” does where its rules find nothing: nothing more, or ask the route “fast”.
  // "auto": "model",

  // A run pauses and asks when one of these is spent; at 80 % there is a warning.
  "budgets": {
    // Each run with its sub-runs.
    // "run": { "usd": 2 },
    // All your runs of a day, in every folder.
    // "day": { "usd": 20, "tokens": 20000000 },
    // This folder in a month.
    // "workspace": { "usd": 200 },
    // One agent or one route, in a day.
    // "agents": { "coder": { "usd": 10 } },
    // "routes": { "reasoning": { "usd": 5 } },
  },
}
`;
