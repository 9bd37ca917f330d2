import type * as vscode from 'vscode';
import type { CommandArguments } from '../commands/arguments.ts';
import { CostItem, type CostHost } from './cost-item.ts';
import { Countdown } from './countdown.ts';
import { allowMore, endCooldown, keyNameOf } from './desk-actions.ts';
import type { ModelsPorts } from './models-ports.ts';
import type { ModelsNode } from './nodes.ts';
import { openModelDefinition, openModels } from './open-file.ts';
import { testDeployment } from './test-deployment.ts';
import { ModelsTree } from './tree.ts';

export type { RunningCost } from './cost-shown.ts';
export type { FolderModels, FoundModels } from './folder-models.ts';
export type { ModelsNode } from './nodes.ts';

const COMMANDS = {
  allowMore,
  endCooldown,
  openModelDefinition,
  openModels,
  testDeployment,
} as const satisfies Readonly<
  Record<string, (ports: ModelsPorts, args: CommandArguments) => Promise<unknown>>
>;

export type ModelsCommandName = keyof typeof COMMANDS;

export interface ModelsWindowHost extends ModelsPorts, CostHost {
  /** Rows that say something else than before, though nothing has happened. */
  readonly onTick: (nodes: readonly ModelsNode[]) => void;
}

/** All that a person sees of layer 1 in this window; loaded at its first use. */
export interface ModelsWindow extends vscode.Disposable {
  readonly tree: ModelsTree;
  setVisible(visible: boolean): void;
  perform(command: ModelsCommandName, args: CommandArguments): Promise<unknown>;
  /** The name under which the key of the deployment is kept that is named, or that the person picks. */
  keyNameOf(args: CommandArguments): Promise<string>;
  /** The running cost in the status bar; `runs` when nothing was spent that the ledger knows of since the last time. */
  updateCost(what: 'spending' | 'runs'): Promise<void>;
}

export function openModelsWindow(host: ModelsWindowHost): ModelsWindow {
  const cost = new CostItem(host);
  const countdown = new Countdown({
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    onTick: host.onTick,
    onOver: host.refresh,
  });
  return {
    tree: new ModelsTree({ find: host.find, now: Date.now, onRows: (nodes) => countdown.show(nodes) }),
    setVisible: (visible) => countdown.setVisible(visible),
    perform: (command, args) => COMMANDS[command](host, args),
    keyNameOf: (args) => keyNameOf(host, args),
    updateCost: (what) => cost.update(what),
    dispose: () => {
      for (const part of [countdown, cost]) part.dispose();
    },
  };
}
