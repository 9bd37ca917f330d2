import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';

/**
 * The only importer of `@vscode/webview-ui-toolkit`, which is archived upstream and works in every theme of today's
 * VS Code. `@vscode-elements/elements` would replace it: `vscode-button`, `vscode-tabs` with `vscode-tab-header` and
 * `vscode-tab-panel` for the three panel elements, and `vscode-progress-ring`. It would also end the need for the
 * `csp-nonce` in the host's page, with which the toolkit makes one style element of its own.
 */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodePanels(),
    vsCodePanelTab(),
    vsCodePanelView(),
    vsCodeProgressRing(),
  );
}
