import type { JsonObject } from '../base/json.ts';
import type { ElicitationAnswer, SetUpRequest, ToolSurroundings } from '../core/tools/index.ts';
import { askForm } from './ask-form.ts';
import { safeLine, safeText } from './style.ts';
import type { Terminal } from './terminal.ts';

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--yes`: what would be asked about is agreed to. */
  readonly yes: boolean;
  /** One question at a time. */
  readonly oneByOne: <T>(ask: () => Promise<T>) => Promise<T>;
}

/** What tools need of a person, at a terminal: secrets from the environment, and questions where somebody can answer. */
export function terminalSurroundings(terminal: Terminal, options: TerminalOptions): ToolSurroundings {
  const { env, yes, oneByOne } = options;
  return {
    secret: (server, name) => Promise.resolve(env[secretVariable(server, name)] || undefined),
    confirmSetUp: async (request, signal) => {
      if (yes) return true;
      if (!terminal.interactive) return false;
      return oneByOne(async () => {
        terminal.print(`\n${safeText(describe(request))}`);
        return (await terminal.ask('Set it up?', ['yes', 'no'], signal)) === 'yes';
      });
    },
    elicit: async ({ server, message, schema, url }, signal): Promise<ElicitationAnswer> => {
      if (!terminal.interactive) return { action: 'cancel' };
      return oneByOne(async () => {
        terminal.print(`\nThe server ${safeLine(server)} asks: ${safeText(message)}`);
        if (url !== undefined) {
          terminal.print(`It wants you to open ${safeLine(url)}`);
          const done = await terminal.ask('Have you done so?', ['yes', 'no'], signal);
          return { action: done === 'yes' ? 'accept' : 'decline' };
        }
        if ((await terminal.ask('Answer it?', ['yes', 'no'], signal)) === 'no') return { action: 'decline' };
        const content: JsonObject = await askForm(terminal, schema ?? {}, signal);
        return { action: 'accept', content };
      });
    },
    openAddress: (url) => {
      terminal.complain(`To sign in, open this address in a browser of this machine:\n  ${safeLine(url)}`);
      return Promise.resolve(true);
    },
    // Whoever types a command in a folder has decided to work with it.
    isTrusted: () => true,
  };
}

/** `STRATA_SECRET_<SERVER>_<NAME>`: bound to the server, so that no other one in the folder can ask for it. */
export function secretVariable(server: string, name: string): string {
  return `STRATA_SECRET_${server}_${name}`.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

export function describe({ definition, looser, what, missingSecrets }: SetUpRequest): string {
  const lines = [`The MCP server “${definition.name}”: ${what}`];
  if (looser.length === 0)
    lines.push('It runs in a locked container without a network, and sees none of your files.');
  else lines.push('It runs in a locked container, and may:', ...looser.map((one) => `  - ${one}`));
  for (const name of missingSecrets)
    lines.push(`It needs the secret ${name}: set ${secretVariable(definition.name, name)}.`);
  return lines.join('\n');
}
