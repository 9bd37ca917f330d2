import * as vscode from 'vscode';

export interface TreeSource<Node> {
  /** The rows below a row, or those at the top. */
  readonly getChildren: (node?: Node) => Promise<Node[]>;
  readonly getTreeItem: (node: Node) => Promise<vscode.TreeItem>;
  readonly getParent?: (node: Node) => Promise<Node | undefined>;
}

/** Rows below a row that take longer do not keep the whole view from being drawn anew. */
const READING_LIMIT_MS = 2_000;

/**
 * A tree whose rows take a while to read. The editor forgets all rows as soon as it hears of a change, until it has read those at
 * the top again; a row that a person opens meanwhile, or whose rows are on their way, stays open and empty. So the top is read
 * before the editor hears of the change, and rows on their way arrive first.
 */
export class SteadyTree<Node> implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #source: TreeSource<Node>;
  readonly #reading = new Set<Promise<unknown>>();
  #isShown = (): boolean => false;
  #top: Node[] | undefined;
  #refreshing: Promise<void> | undefined;
  #again = false;

  readonly getTreeItem: TreeSource<Node>['getTreeItem'];
  readonly getParent?: (node: Node) => Promise<Node | undefined>;

  constructor(source: TreeSource<Node>) {
    this.#source = source;
    this.getTreeItem = source.getTreeItem;
    if (source.getParent) this.getParent = source.getParent;
  }

  /** What is not shown is read when it is. */
  showIn(view: vscode.TreeView<Node>): void {
    this.#isShown = () => view.visible;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const top = node === undefined ? this.#top : undefined;
    if (top) {
      this.#top = undefined;
      return top;
    }
    const rows = this.#source.getChildren(node);
    this.#reading.add(rows);
    try {
      return await rows;
    } finally {
      this.#reading.delete(rows);
    }
  }

  /** All of it may have changed. */
  refresh(): void {
    this.#again = true;
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
  }

  /** As `refresh`, and settles when the editor has heard of it: what is asked of the view then meets the new rows. */
  async refreshed(): Promise<void> {
    this.refresh();
    await this.#refreshing;
  }

  /** These rows say something else now, and what is below them is as before: a row with others below it must not be among them. */
  redraw(nodes: readonly Node[]): void {
    this.#changed.fire([...nodes]);
  }

  dispose(): void {
    this.#again = false;
    this.#changed.dispose();
  }

  async #refresh(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      // A failure is the editor's to meet, which asks again and says it.
      const top = this.#isShown() ? await this.#source.getChildren().catch(() => undefined) : undefined;
      await within(READING_LIMIT_MS, Promise.allSettled(this.#reading));
      this.#top = top;
      this.#changed.fire(undefined);
    }
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
