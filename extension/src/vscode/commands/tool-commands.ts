import type { ToolsCommandName } from '../tools/index.ts';
import type { Command } from './context.ts';

const inTools =
  (name: ToolsCommandName): Command =>
  (context, args) =>
    context.tools.perform(name, args);

/** Commands of the tools' view, which loads their code. */
export const toolCommands: Readonly<Record<string, Command>> = {
  'strata.addMcpServer': inTools('addMcpServer'),
  'strata.callTool': inTools('callTool'),
  'strata.setUpServer': inTools('setUpServer'),
  'strata.startServer': inTools('startServer'),
  'strata.stopServer': inTools('stopServer'),
  'strata.enableServer': inTools('enableServer'),
  'strata.disableServer': inTools('disableServer'),
  'strata.removeServer': inTools('removeServer'),
  'strata.acceptTool': inTools('acceptTool'),
  'strata.showServerLog': inTools('showServerLog'),
  'strata.openServerDefinition': inTools('openServerDefinition'),
  'strata.setServerSecret': inTools('setServerSecret'),
  'strata.copyToolName': inTools('copyToolName'),
  'strata.answerQuestion': (context) => context.tools.answerQuestion(),
  'strata.refreshTools': (context) => {
    context.tools.refresh();
    return Promise.resolve();
  },
};
