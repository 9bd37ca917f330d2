/* What VS Code puts into a webview's page before its scripts run. `THEME` is put in by the harness. */
document.addEventListener('DOMContentLoaded', () => {
  for (const [name, value] of Object.entries(THEME.variables)) {
    document.documentElement.style.setProperty(`--vscode-${name}`, value);
  }
  document.body.className = THEME.bodyClass;
});
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
const api = {
  postMessage: (data) => void window.toHost(data),
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
  setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
};
window.acquireVsCodeApi = () => api;
