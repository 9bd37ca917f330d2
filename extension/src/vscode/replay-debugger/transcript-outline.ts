import * as vscode from 'vscode';

/** `strata-replay:/…` in a transcript opens that transcript. */
export function transcriptLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
  return [...document.getText().matchAll(/strata-replay:\/\S+/g)].map((found) => {
    const range = new vscode.Range(
      document.positionAt(found.index),
      document.positionAt(found.index + found[0].length),
    );
    return new vscode.DocumentLink(range, vscode.Uri.parse(found[0]));
  });
}

/** The steps, one inside of the other as their numbers are, for the outline and the breadcrumbs. */
export function transcriptSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  const top: vscode.DocumentSymbol[] = [];
  const byNumber = new Map<string, vscode.DocumentSymbol>();
  let open: vscode.DocumentSymbol | undefined;
  for (let line = 0; line < document.lineCount; line += 1) {
    const { text, range } = document.lineAt(line);
    const [, indent = '', number, title = ''] = HEADING.exec(text) ?? [];
    const depth = number === undefined ? -1 : number.split('.').length - 1;
    const follows = line === 0 ? '' : document.lineAt(line - 1).text;
    // Text of a step may begin with a number, too; it stands further in than a heading with so many dots.
    if (number === undefined || indent.length !== depth * 2 || follows !== '') {
      if (open && text !== '') open.range = open.range.union(range);
      continue;
    }
    const [name = '', ...facts] = title.split(' · ');
    const kind = number === '=' ? vscode.SymbolKind.Event : vscode.SymbolKind.Function;
    const label = number === '=' ? name : `${number} ${name}`;
    open = new vscode.DocumentSymbol(label, facts.join(' · '), kind, range, range);
    const outer = byNumber.get(number.slice(0, Math.max(0, number.lastIndexOf('.'))));
    (outer?.children ?? top).push(open);
    byNumber.set(number, open);
  }
  return top;
}

/** A step stands at the margin, or two columns in for each step that it is inside of; what belongs to it stands further in. */
const HEADING = /^((?: {2})*)(\d+(?:\.\d+)*|=) (\S.*)$/;
