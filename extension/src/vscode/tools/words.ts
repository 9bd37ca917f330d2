import type { Tool, ServerDefinition, ServerState, ServerStatus } from '../../core/tools/index.ts';
import { formatTokens } from '../../protocol/format.ts';

const STATUS: Readonly<Record<ServerStatus, string>> = {
  disabled: 'disabled',
  'not-set-up': 'not set up',
  'setting-up': 'setting up…',
  ready: 'ready',
  running: 'running',
  failed: 'failed',
  unavailable: 'unavailable',
};

/** The state of a server beside its name. */
export function serverDescription(state: ServerState): string {
  const { status, tools, heldBack } = state;
  const asks = status === 'ready' || status === 'running';
  return [
    STATUS[status],
    ...(asks && tools.length > 0 ? [countOf(tools.length, 'tool')] : []),
    ...(heldBack.length > 0 ? [`${heldBack.length} held back`] : []),
  ].join(' · ');
}

/** The same for a screen reader. */
export function serverSpoken(state: ServerState): string {
  const { name } = state.definition;
  const may = state.looser.length > 0 ? `, may: ${state.looser.map(allowance).join('; ')}` : '';
  const problem = state.problem ? `, ${state.problem.message}` : '';
  return `server ${name}, ${serverDescription(state)}${problem}${may}`;
}

/** What a server is made of, in a few words. */
export function sourceWords({ source, sandbox }: ServerDefinition): string {
  switch (source.kind) {
    case 'built-in':
      return 'comes with Strata, in a container of its own';
    case 'npm':
      return `npm package ${source.package}, in a container of its own`;
    case 'image':
      return `image ${source.image}, in a container of its own`;
    case 'dockerfile':
      return `built from ${source.path}, in a container of its own`;
    case 'command':
      return `${[source.command, ...source.arguments].join(' ')}, in a container of its own`;
    case 'http':
      return `at ${source.url}, outside of this machine’s sandbox`;
    case 'editor':
      return sandbox.files === 'none'
        ? 'tools of the editor itself, without a sandbox'
        : 'tools of the editor';
  }
}

export function originWords({ origin, file }: ServerDefinition): string {
  switch (origin) {
    case 'built-in':
      return 'built in';
    case 'workspace':
      return `defined in ${file ?? '.mcp.json'}`;
    case 'user':
      return 'defined in your settings';
    case 'editor':
      return 'of the editor';
  }
}

/** A sentence about what a server may have, to stand after "May:". */
export function allowance(sentence: string): string {
  const line = sentence.replace(/^(It )?may\s+/i, '').replace(/\.$/, '');
  return line.slice(0, 1).toLowerCase() + line.slice(1);
}

/** What a call of the tool may do, as far as that is known. */
export function effectWords({ effect, annotations }: Pick<Tool, 'effect' | 'annotations'>): string {
  switch (effect) {
    case 'read':
      return 'Only reads.';
    case 'contained':
      return 'Changes at most the run’s own copy.';
    case 'change':
      return annotations?.readOnlyHint === true
        ? 'Its server says that it only reads, which is not relied on: you are asked before it is called.'
        : 'May change something outside of the run’s copy: you are asked before it is called.';
  }
}

export function tokensWords(tokens: number): string {
  return `Its descriptions take up about ${formatTokens(tokens)} tokens of a model’s context.`;
}

export function countOf(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/** The tool's name without its server's, which stands above it. */
export function ownName(server: string, tool: string): string {
  return tool.startsWith(`${server}_`) ? tool.slice(server.length + 1) : tool;
}
