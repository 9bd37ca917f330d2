import type { ModelsCommandName } from '../models/index.ts';
import type { Command } from './context.ts';

const inModels =
  (name: ModelsCommandName): Command =>
  (context, args) =>
    context.models.perform(name, args);

/** Commands of the models' view, which loads their code. */
export const modelCommands: Readonly<Record<string, Command>> = {
  'strata.testDeployment': inModels('testDeployment'),
  'strata.endCooldown': inModels('endCooldown'),
  'strata.allowMore': inModels('allowMore'),
  'strata.openModels': inModels('openModels'),
  'strata.openModelDefinition': inModels('openModelDefinition'),
  'strata.refreshModels': (context) => {
    context.models.refresh();
    return Promise.resolve();
  },
};
