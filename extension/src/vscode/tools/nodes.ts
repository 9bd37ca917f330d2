import type { HeldTool, ServerState, Tool } from '../../core/tools/index.ts';

/**
 * A row of the tools view. `folder`, `server` and `tool` are what a command is told that is chosen on it.
 */
export type ToolsNode =
  | { readonly type: 'folder'; readonly folder: string; readonly name: string }
  /** The servers of a folder, or of all of them, cannot be read, and why. */
  | { readonly type: 'trouble'; readonly folder?: string; readonly error: unknown }
  | ServerNode
  | MayNode
  | { readonly type: 'allowance'; readonly folder: string; readonly server: string; readonly text: string }
  | ToolNode
  | HeldNode;

export interface ServerNode {
  readonly type: 'server';
  readonly folder: string;
  readonly server: string;
  readonly state: ServerState;
}

/** What a server may have beyond the strictest sandbox. */
export interface MayNode {
  readonly type: 'may';
  readonly folder: string;
  readonly server: string;
  readonly state: ServerState;
}

export interface ToolNode {
  readonly type: 'tool';
  readonly folder: string;
  readonly server: string;
  readonly tool: string;
  readonly about: Tool;
}

export interface HeldNode {
  readonly type: 'held';
  readonly folder: string;
  readonly server: string;
  readonly held: HeldTool;
}

/** What stands below a server: what it may have, then its tools, then those that are held back. */
export function nodesOf({ folder, server, state }: ServerNode): ToolsNode[] {
  return [
    ...(state.looser.length > 0 ? [{ type: 'may', folder, server, state } as const] : []),
    ...state.tools.map((about) => ({ type: 'tool', folder, server, tool: about.name, about }) as const),
    ...state.heldBack.map((held) => ({ type: 'held', folder, server, held }) as const),
  ];
}

export function idOf(node: ToolsNode): string | undefined {
  switch (node.type) {
    case 'folder':
      return node.folder;
    case 'trouble':
      return undefined;
    case 'server':
      return `${node.folder}#${node.server}`;
    case 'may':
      return `${node.folder}#${node.server}#may`;
    case 'allowance':
      return `${node.folder}#${node.server}#may#${node.text}`;
    case 'tool':
      return `${node.folder}#${node.server}#tool#${node.tool}`;
    case 'held':
      return `${node.folder}#${node.server}#held#${node.held.name}`;
  }
}
