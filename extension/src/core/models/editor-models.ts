import type { Event } from '../../base/event.ts';
import { DEFAULTS, type TaskType } from './catalogue.ts';
import type { Deployment, Provider } from './provider.ts';

/** A model that the person has in the editor, from whatever extension. */
export interface EditorModel {
  readonly id: string;
  readonly vendor: string;
  readonly family: string;
  readonly name: string;
  readonly maxInputTokens: number;
  /** Whether it can call tools; `undefined` when the editor does not say. */
  readonly tools: boolean | undefined;
}

/** The models of the editor. The editor itself asks the person whether Strata may use them, with the first request. */
export interface EditorModels {
  /** Without those that are Strata's own routes. */
  list(): Promise<readonly EditorModel[]>;
  /** Throws `bad-request` when the editor has no such model. */
  open(deployment: Deployment): Promise<Provider>;
  readonly onDidChange: Event<void>;
}

export function editorDeployment({ vendor, id }: EditorModel): Deployment {
  return { id: `vscode/${vendor}/${id}`, provider: 'vscode', model: `${vendor}/${id}` };
}

/** By `vendor/id`, otherwise by `vendor/family`, of which the one with the most room. */
export function findEditorModel(models: readonly EditorModel[], name: string): EditorModel | undefined {
  return (
    models.find(({ vendor, id }) => `${vendor}/${id}` === name) ??
    roomiest(models.filter(({ vendor, family }) => `${vendor}/${family}` === name))
  );
}

/** What small models are called by those who make them. */
const SMALL = /mini|nano|haiku|flash|small|lite|fast|\b[1-9]b\b/i;

/** Which of them serves a task type: a default of the catalogue where there is one, otherwise by what its name and room say. */
export function editorModelFor(task: TaskType, models: readonly EditorModel[]): EditorModel | undefined {
  const known = models.filter(({ tools }) => tools !== false);
  const able = known.length > 0 ? known : models;
  for (const { model: name } of DEFAULTS[task]) {
    const wanted = able.find((model) => isCalled(model, name));
    if (wanted) return wanted;
  }
  const isSmall = ({ id, name }: EditorModel): boolean => SMALL.test(id) || SMALL.test(name);
  const fitting = able.filter((model) => isSmall(model) === (task === 'fast'));
  return roomiest(fitting.length > 0 ? fitting : able);
}

/** Versions are written with a dot here and with a dash there. */
function isCalled({ id, family }: EditorModel, name: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replaceAll('.', '-');
  return plain(id) === name.replaceAll('.', '-') || plain(family) === name.replaceAll('.', '-');
}

function roomiest(models: readonly EditorModel[]): EditorModel | undefined {
  return models.reduce<EditorModel | undefined>(
    (best, model) => (best && best.maxInputTokens >= model.maxInputTokens ? best : model),
    undefined,
  );
}
