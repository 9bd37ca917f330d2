interface PageOptions {
  /** The webview's own source of scripts and styles. */
  readonly cspSource: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Fresh for each page. */
  readonly nonce: string;
}

/**
 * The panel's page. Nothing may be loaded but our two files, and nothing sent anywhere. The toolkit sets its styles
 * through constructed style sheets, which no directive forbids, so that inline styles stay forbidden too.
 */
export function panelPage({ cspSource, scriptUri, styleUri, nonce }: PageOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="stylesheet" href="${styleUri}" />
    <title>Strata trace</title>
  </head>
  <body>
    <script nonce="${nonce}" src="${scriptUri}"></script>
  </body>
</html>`;
}
