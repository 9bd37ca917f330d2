import * as vscode from 'vscode';
import * as z from 'zod';
import type { Deployment, EditorModel, Provider } from '../../core/models/index.ts';
import { findEditorModel } from '../../core/models/index.ts';
import { OWN_VENDOR } from '../own-vendor.ts';
import { notThere } from './failures.ts';
import { createEditorProvider } from './provider.ts';

const COPILOT = 'copilot';
/** An extension may have to be started first, or sign in. */
const LIST_LIMIT_MS = 10_000;

const contributed = z.object({ vendor: z.string() });
const manifest = z.object({
  contributes: z.object({
    languageModelChatProviders: z.union([contributed, z.array(contributed)]),
  }),
});

/** The models of every extension but this one. */
export async function listEditorModels(): Promise<readonly EditorModel[]> {
  return (await allModels()).map(describe);
}

/** Throws `bad-request` when the editor has no such model. */
export async function openEditorModel({ model: name }: Deployment): Promise<Provider> {
  const models = await allModels();
  const wanted = findEditorModel(models.map(describe), name);
  const model = models.find(({ vendor, id }) => vendor === wanted?.vendor && id === wanted.id);
  if (!model) throw notThere(name);
  return createEditorProvider(model);
}

/**
 * Vendor by vendor: whoever asks for all of them makes the editor ask this extension too, whose answer may depend on this very
 * list, and neither would ever end.
 */
async function allModels(): Promise<readonly vscode.LanguageModelChat[]> {
  const lists = await Promise.all(
    vendors().map((vendor) => withinLimit(vscode.lm.selectChatModels({ vendor }))),
  );
  // What serves the sessions of one extension alone, such as those of a command line, is listed too, and has no room.
  return lists.flat().filter(({ maxInputTokens }) => maxInputTokens > 0);
}

function vendors(): readonly string[] {
  const named = vscode.extensions.all.flatMap(({ packageJSON }) => {
    const parsed = manifest.safeParse(packageJSON);
    return parsed.success ? [parsed.data.contributes.languageModelChatProviders].flat() : [];
  });
  // Extensions that run on the other side of a remote connection are not seen from here.
  const known = new Set([COPILOT, ...named.map(({ vendor }) => vendor)]);
  return [...known].filter((vendor) => vendor !== OWN_VENDOR);
}

/** One that does not answer must not keep the others away. */
async function withinLimit(
  asked: Thenable<vscode.LanguageModelChat[]>,
): Promise<readonly vscode.LanguageModelChat[]> {
  const { promise, resolve } = Promise.withResolvers<readonly vscode.LanguageModelChat[]>();
  const timer = setTimeout(() => resolve([]), LIST_LIMIT_MS);
  // Its provider failed: then it has no models.
  asked.then(resolve, () => resolve([]));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function describe(model: vscode.LanguageModelChat): EditorModel {
  const { id, vendor, family, name, maxInputTokens } = model;
  return { id, vendor, family, name, maxInputTokens, tools: callsTools(model) };
}

/** Not in the stable API of 1.106, and there in later versions. */
function callsTools(model: vscode.LanguageModelChat): boolean | undefined {
  const { capabilities } = model as { readonly capabilities?: { readonly supportsToolCalling?: unknown } };
  const can = capabilities?.supportsToolCalling;
  return typeof can === 'boolean' ? can : undefined;
}
