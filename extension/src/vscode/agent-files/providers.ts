import * as vscode from 'vscode';
import { BUILT_IN_TOOLS } from '../../core/orchestration/agent-file/index.ts';
import { placeOf, type DefinitionPlace, type FolderDefinitions } from './definition-store.ts';
import { rangeOf, type Diagnostics } from './diagnostics.ts';
import { meaningOf, suggestionsAt, type KnownNames } from './suggestions.ts';

/** By path: newer editors call these files `chatagent`, older ones `markdown`. */
const OURS: vscode.DocumentSelector = [
  { scheme: 'file', pattern: '**/.strata/agents/*.agent.md' },
  { scheme: 'file', pattern: '**/.strata/workflows/*.workflow.{yaml,yml}' },
];

export function registerProviders(diagnostics: Diagnostics): vscode.Disposable {
  const { languages } = vscode;
  return vscode.Disposable.from(
    languages.registerCompletionItemProvider(OURS, completion(diagnostics), ...' :{[,-'),
    languages.registerHoverProvider(OURS, hover(diagnostics)),
    languages.registerCodeActionsProvider(OURS, quickFixes(diagnostics), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    languages.registerCodeLensProvider(OURS, lenses(diagnostics)),
  );
}

function completion(diagnostics: Diagnostics): vscode.CompletionItemProvider {
  return {
    provideCompletionItems: async (document, position) => {
      const place = placeOf(document.uri);
      if (!place) return [];
      const known = knownIn(await diagnostics.of(place.folder), place);
      const { word, items } = suggestionsAt(place.kind, document.getText(), position, known);
      const range = new vscode.Range(position.translate(0, -word.length), position);
      return items.map(({ label, kind, snippet, about }) => {
        const item = new vscode.CompletionItem(
          label,
          kind === 'key' ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.Value,
        );
        item.insertText = kind === 'key' || snippet !== label ? new vscode.SnippetString(snippet) : snippet;
        item.range = range;
        if (about !== undefined) item.documentation = new vscode.MarkdownString(about);
        return item;
      });
    },
  };
}

function hover(diagnostics: Diagnostics): vscode.HoverProvider {
  return {
    provideHover: async (document, position) => {
      const place = placeOf(document.uri);
      const word = document.getWordRangeAtPosition(position, /[\w-]+/);
      if (!place || !word) return undefined;
      const known = knownIn(await diagnostics.of(place.folder), place);
      const meaning = meaningOf(place.kind, document.getText(), word.end, known);
      return meaning === undefined ? undefined : new vscode.Hover(new vscode.MarkdownString(meaning), word);
    },
  };
}

function quickFixes(diagnostics: Diagnostics): vscode.CodeActionProvider {
  return {
    provideCodeActions: async (document, range) => {
      const place = placeOf(document.uri);
      if (!place) return [];
      const { files } = await diagnostics.of(place.folder);
      const mistakes = files.find(({ path }) => path === place.path)?.mistakes ?? [];
      return mistakes.flatMap(({ replacement, range: at }) => {
        const wrong = rangeOf(at);
        if (replacement === undefined || !wrong.intersection(range)) return [];
        const action = new vscode.CodeAction(`Change to “${replacement}”`, vscode.CodeActionKind.QuickFix);
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, wrong, replacement);
        action.isPreferred = true;
        return [action];
      });
    },
  };
}

function lenses(diagnostics: Diagnostics): vscode.CodeLensProvider {
  return {
    provideCodeLenses: async (document) => {
      const place = placeOf(document.uri);
      if (!place) return [];
      const { files } = await diagnostics.of(place.folder);
      const file = files.find(({ path }) => path === place.path);
      if (!file) return [];
      const agent = { agent: file.name, folder: place.folder.uri.fsPath };
      const title = place.kind === 'agent' ? '$(play) Run agent' : '$(play) Run workflow';
      return [
        new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
          title,
          command: 'strata.runAgent',
          arguments: [agent],
        }),
      ];
    },
  };
}

function knownIn({ agents, files, routes }: FolderDefinitions, place: DefinitionPlace): KnownNames {
  const self = place.kind === 'agent' ? files.find(({ path }) => path === place.path)?.name : undefined;
  const others = [...agents].filter(([name]) => name !== self);
  return {
    agents: new Map(others.map(([name, { description }]) => [name, description])),
    tools: BUILT_IN_TOOLS,
    routes,
  };
}
