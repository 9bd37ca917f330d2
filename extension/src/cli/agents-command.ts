import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import type { Perform } from './perform.ts';
import { ink, safeLine, safeText } from './style.ts';

export const agents: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const found = await folder.agents();
    const broken = [...found.mistakes].map(([name, { message, action }]) => ({ name, message, action }));
    if (given.json) {
      const named = ({ name, description }: { readonly name: string; readonly description: string }) => ({
        name,
        description,
      });
      terminal.print(
        JSON.stringify({
          agents: [...found.agents.values()].map(named),
          workflows: [...found.workflows.values()].map(named),
          mistakes: broken,
        }),
      );
      return EXIT.done;
    }
    const line = (name: string, kind: string, text: string): string =>
      `${ink(terminal.out, 'bold', safeLine(name).padEnd(18))} ${kind.padEnd(9)} ${text}`;
    for (const { name, description } of found.agents.values())
      terminal.print(line(name, 'agent', safeLine(description)));
    for (const { name, description } of found.workflows.values())
      terminal.print(line(name, 'workflow', safeLine(description)));
    for (const { name, message } of broken)
      terminal.print(line(name, 'mistake', ink(terminal.out, 'red', safeText(message))));
    return EXIT.done;
  });
