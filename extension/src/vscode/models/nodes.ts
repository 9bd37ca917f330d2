import type {
  BudgetScope,
  BudgetState,
  DeploymentState,
  ModelsState,
  RouteState,
} from '../../core/models/index.ts';

/** A row of the models view. `folder`, `route`, `deployment`, `scope` and `name` are what a command is told that is chosen on it. */
export type ModelsNode = FolderNode | TroubleNode | RouteNode | DeploymentNode | SpendingNode | BudgetNode;

export interface FolderNode {
  readonly type: 'folder';
  readonly folder: string;
  readonly title: string;
}

/** The routes of a folder, or of all of them, cannot be read, and why. */
export interface TroubleNode {
  readonly type: 'trouble';
  readonly folder?: string;
  readonly error: unknown;
}

export interface RouteNode {
  readonly type: 'route';
  readonly folder: string;
  readonly route: string;
  readonly state: RouteState;
  readonly deployments: readonly DeploymentNode[];
}

export interface DeploymentNode {
  readonly type: 'deployment';
  readonly folder: string;
  readonly route: string;
  readonly deployment: string;
  /** How often the same one stands above it in its route. */
  readonly before: number;
  readonly state: DeploymentState;
}

export interface SpendingNode {
  readonly type: 'spending';
  readonly folder: string;
  readonly today: ModelsState['today'];
  readonly budgets: readonly BudgetNode[];
}

export interface BudgetNode {
  readonly type: 'budget';
  readonly folder: string;
  readonly scope: BudgetScope;
  readonly name: string;
  readonly state: BudgetState;
}

/** What stands below a folder. With the demo model alone there is nothing, and the view says what to do. */
export function nodesOf(folder: string, state: ModelsState): readonly (RouteNode | SpendingNode)[] {
  if (state.demoOnly && state.budgets.length === 0) return [];
  const budgets = state.budgets.map((budget): BudgetNode => ({
    ...{ type: 'budget', folder, scope: budget.scope, name: budget.name },
    state: budget,
  }));
  return [
    ...state.routes.map((route) => routeNode(folder, route)),
    { type: 'spending', folder, today: state.today, budgets },
  ];
}

function routeNode(folder: string, state: RouteState): RouteNode {
  const seen = new Map<string, number>();
  const deployments = state.deployments.map((one): DeploymentNode => {
    const { id } = one.deployment;
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    return { type: 'deployment', folder, route: state.name, deployment: id, before, state: one };
  });
  return { type: 'route', folder, route: state.name, state, deployments };
}

export function childrenOf(node: ModelsNode): readonly ModelsNode[] {
  if (node.type === 'route') return node.deployments;
  return node.type === 'spending' ? node.budgets : [];
}

export function idOf(node: ModelsNode): string | undefined {
  switch (node.type) {
    case 'folder':
      return node.folder;
    case 'trouble':
      return undefined;
    case 'route':
      return `${node.folder}#route#${node.route}`;
    case 'deployment':
      return `${node.folder}#route#${node.route}#${node.before}#${node.deployment}`;
    case 'spending':
      return `${node.folder}#spending`;
    case 'budget':
      return `${node.folder}#spending#${node.scope}#${node.name}`;
  }
}
