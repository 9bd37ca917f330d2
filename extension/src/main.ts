import path from 'node:path';
import * as vscode from 'vscode';
import type { Json } from './base/json.ts';
import { embedderHome, strataHome } from './node/home.ts';
import { movedAsideText } from './node/sqlite/moved-aside.ts';
import { agentFilesAtNeed } from './vscode/agent-files-at-need.ts';
import { tidyWhenIdle } from './vscode/tidy-when-idle.ts';
import { createApi } from './vscode/api.ts';
import type { StrataApi } from './vscode/api.ts';
import { ApprovalDesk, decideApproval, tellOfApprovals } from './vscode/approvals/index.ts';
import { askUnknown } from './vscode/ask-unknown.ts';
import { commands, readArguments } from './vscode/commands/index.ts';
import type { CommandContext } from './vscode/commands/index.ts';
import { createPanels } from './vscode/panels.ts';
import { registerTranscripts } from './vscode/compare/index.ts';
import { proxyOfEditor } from './vscode/proxy-of-editor.ts';
import { registerRunFiles } from './vscode/run-file-registration.ts';
import { createReport } from './vscode/report.ts';
import { registerChat } from './vscode/chat-registration.ts';
import { registerEditorModels } from './vscode/editor-models-registration.ts';
import { registerLentModels } from './vscode/lent-models-registration.ts';
import { registerReplayDebugger } from './vscode/replay-debugger-registration.ts';
import { registerReplayTests } from './vscode/replay-tests-registration.ts';
import { registerTraceReceiver } from './vscode/trace-receiver-registration.ts';
import { registerRuns } from './vscode/runs-registration.ts';
import { createSecretKeys } from './vscode/secret-keys.ts';
import { Sessions } from './vscode/sessions.ts';
import { TextPrompts } from './vscode/text-prompts.ts';
import { registerMemory } from './vscode/memory-registration.ts';
import { registerComparison } from './vscode/comparison-registration.ts';
import { registerMetrics } from './vscode/metrics-registration.ts';
import { registerAlerts } from './vscode/alerts-registration.ts';
import { registerModels } from './vscode/models-registration.ts';
import { registerTools } from './vscode/tools-registration.ts';
import { welcomeBack } from './vscode/welcome-back.ts';
import type { StrataFolder } from './folder.ts';

/** What `deactivate` has to end; VS Code gives it no argument to find that by. */
let active: Sessions | undefined;

/** Wires the extension: the longest of the three lifetimes. Folders are opened, and engines loaded, at their first use. */
export function activate(context: vscode.ExtensionContext): StrataApi {
  const started = performance.now();
  const log = vscode.window.createOutputChannel('Strata', { log: true });
  const report = createReport(log);
  const keys = createSecretKeys(context.secrets);
  const version = String((context.extension.packageJSON as { readonly version: unknown }).version);
  const home = strataHome();
  const approvals = new ApprovalDesk();
  const prompts = new TextPrompts();

  const editorModels = registerEditorModels(report);
  const modelSources = {
    editorModels,
    settings: (): Json => {
      const settings = vscode.workspace.getConfiguration('strata.models');
      return {
        routes: settings.get<Json>('routes') ?? {},
        budgets: settings.get<Json>('budgets') ?? {},
        auto: settings.get<Json>('auto') ?? 'rules',
      };
    },
  };

  const open = async (folder: string): Promise<StrataFolder> => {
    const { openFolder } = await import('./folder.ts');
    const settings = vscode.workspace.getConfiguration('strata', vscode.Uri.file(folder));
    const opened = openFolder(folder, {
      home,
      version,
      env: process.env,
      keys,
      bundles: path.join(context.extensionPath, 'dist'),
      isolation: settings.get('run.isolation') === 'workspace' ? 'workspace' : 'copy',
      baseImage: settings.get<string>('tools.baseImage') ?? 'node:22-slim',
      approve: (request, signal) => approvals.ask(request, signal),
      decideUnknown: askUnknown,
      tools: {
        surroundings: tools.surroundings(folder),
        userServers: () => vscode.workspace.getConfiguration('strata').get<Json>('tools.servers'),
        editor: tools.editor,
        warm: settings.get<boolean>('tools.warm') ?? true,
        idleMs: () => {
          const minutes = vscode.workspace.getConfiguration('strata').get<number>('tools.idleMinutes');
          return minutes === undefined ? undefined : minutes * 60_000;
        },
      },
      exports: {
        settings: () => {
          const given = vscode.workspace.getConfiguration('strata.observability');
          return { destinations: given.get<Json>('export'), content: given.get('content') === true };
        },
        note: (text) => log.warn(text),
        waitMs: 0,
      },
      models: { ...modelSources, onBudget: (warning) => models.tellOfBudget(warning) },
      mayWriteNotes: () => vscode.workspace.isTrusted,
      proxy: proxyOfEditor,
      embedder: () => vscode.workspace.getConfiguration('strata.memory').get<Json>('embedder'),
      sharedMemory: () => {
        const given = vscode.workspace.getConfiguration('strata.memory');
        return { uri: given.get<Json>('uri'), storageOptions: given.get<Json>('storageOptions') };
      },
      expandQueries: () =>
        vscode.workspace.getConfiguration('strata.memory').get<boolean>('expandQueries', true),
      user: () =>
        vscode.workspace.getConfiguration('strata.observability', vscode.Uri.file(folder)).get<Json>('user'),
      onSubRun: (handle) => void sessions.owning(handle.run)?.adopt(handle),
    });
    if (opened.store.movedAside) {
      void vscode.window.showWarningMessage(movedAsideText(opened.store.movedAside));
    }
    return opened;
  };

  const sessions = new Sessions(open);
  active = sessions;
  const panels = createPanels(context.extensionUri, sessions, () => commandContext);
  const tree = registerRuns({
    folders: async () => ({ folders: await sessions.all(), troubles: sessions.troubles }),
    waits: (run, step) => approvals.find(run, step) !== undefined,
    ...{ state: context.workspaceState, report },
  });
  const replayTests = registerReplayTests(report);
  const tools = registerTools({
    ...{ extension: context, sessions, prompts, report },
    toolsOf: ({ folder, name, core }) => ({
      ...{ folder, name, host: core.toolHost, gateway: () => core.gateway() },
    }),
  });
  const models = registerModels({
    ...{ extension: context, sessions, report },
    modelsOf: ({ folder, name, core }) => ({ folder, name, desk: core.models }),
  });
  const memory = registerMemory({
    ...{ sessions, report, log },
    memoryOf: (session) => ({
      ...{ folder: session.folder, name: session.name },
      ...{ memory: session.core.memory, notes: session.core.notes },
      applySettings: session.core.applyMemorySettings,
      rate: (run, rating) => session.core.rate(run, rating),
      forget: (runs, signal) => session.core.forget(runs, signal),
      runs: (limit) => session.list(limit),
      has: (run) => session.has(run),
      view: (run) => session.view(run),
      payload: session.payload,
      otherWords: session.core.otherWords,
    }),
    embedding: { keys, env: process.env, downloads: embedderHome(home) },
    onDidChangeKeys: context.secrets.onDidChange,
  });
  const metrics = registerMetrics({ extensionUri: context.extensionUri, sessions, report });
  const comparison = registerComparison({ extensionUri: context.extensionUri, sessions, report });
  const alerts = registerAlerts({ sessions, report, log });
  const commandContext: CommandContext = {
    version,
    sessions,
    keys,
    approvals,
    prompts,
    log,
    tools,
    memory,
    models,
    metrics,
    comparison,
    alerts,
    panels,
    report,
    refreshRuns: () => tree.refresh(),
    refreshReplays: replayTests.refresh,
  };

  const perform = async (name: string, given: unknown): Promise<unknown> => {
    try {
      return await commands[name]?.(commandContext, readArguments(given));
    } catch (error) {
      report(error);
      return undefined;
    }
  };

  context.subscriptions.push(
    log,
    sessions,
    tree,
    prompts,
    tellOfApprovals(approvals, (request, decision) =>
      decideApproval(approvals, prompts, request, decision).catch(report),
    ),
    approvals.onDidChange(() => tree.refresh()),
    sessions.onDidAppend(() => tree.refresh()),
    registerReplayDebugger(sessions),
    registerTranscripts(sessions),
    registerRunFiles(context.extensionUri),
    registerTraceReceiver({ sessions, log, report }),
    tidyWhenIdle(sessions, report),
    agentFilesAtNeed(report),
    replayTests,
    tools,
    memory,
    models,
    metrics,
    comparison,
    alerts,
    editorModels,
    registerChat({ sessions, approvals, report }, context.extensionUri),
    registerLentModels({
      ...{ sessions, version, report },
      routes: { env: process.env, keys, ...modelSources },
      onDidChangeKeys: context.secrets.onDidChange,
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
      void sessions.closeRemoved(removed).then(() => tree.refresh(), report);
    }),
    vscode.window.registerWebviewPanelSerializer('strata.trace', {
      deserializeWebviewPanel: async (panel, state) => {
        await sessions.all();
        (await panels()).restore(panel, state);
      },
    }),
    ...Object.keys(commands).map((name) =>
      vscode.commands.registerCommand(name, (given) => perform(name, given)),
    ),
  );
  void welcomeBack(home, commandContext).catch(report);
  return createApi(
    version,
    sessions,
    replayTests.controller,
    memory.onDidChange,
    performance.now() - started,
  );
}

/** Synchronous on purpose: what the editor rejects as it closes must find nothing left to write to. */
export function deactivate(): void {
  active?.cutOff();
  active = undefined;
}
