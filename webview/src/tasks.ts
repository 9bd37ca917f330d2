import type { PanelMessage, PanelTask } from '../../extension/src/protocol/panel.ts';

/** What was asked of the host and is not done yet. */
export interface Tasks {
  /** One at a time of each kind: a second click means the first. */
  ask(task: PanelTask, message: PanelMessage): void;
  done(task: PanelTask): void;
  forget(): void;
}

export function createTasks(
  post: (message: PanelMessage) => void,
  onChange: (busy: ReadonlySet<PanelTask>) => void,
): Tasks {
  const busy = new Set<PanelTask>();
  return {
    ask: (task, message) => {
      if (busy.has(task)) return;
      busy.add(task);
      onChange(busy);
      post(message);
    },
    done: (task) => {
      busy.delete(task);
      onChange(busy);
    },
    forget: () => {
      busy.clear();
      onChange(busy);
    },
  };
}
