import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';

const readyLimitMs = 60_000;
const stepLimitMs = 60_000;
const repeatLimitMs = 90_000;
const themes = {
  dark: 'Dark 2026',
  light: 'Light 2026',
  highContrast: 'Dark High Contrast',
  highContrastLight: 'Light High Contrast',
} as const;
const themeMarkers = {
  dark: '.monaco-workbench.vs-dark',
  light: '.monaco-workbench.vs:not(.vs-dark)',
  highContrast: '.monaco-workbench.hc-black',
  highContrastLight: '.monaco-workbench.hc-light',
} as const;

/** The workbench as a person uses it: only roles, ids and labels, never the inner structure of VS Code. */
export class Workbench {
  readonly page: Page;
  /** Errors that no code caught, in the workbench or in a webview. */
  readonly errors: Error[] = [];
  /** What a content security policy stopped in any frame, as the browser's console says it: from before a page's first line. */
  readonly policyViolations: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/.test(message.text()))
        this.policyViolations.push(message.text());
    });
    page.setDefaultTimeout(stepLimitMs);
  }

  static async open(page: Page, url: string): Promise<Workbench> {
    const workbench = new Workbench(page);
    await page.goto(url, { timeout: readyLimitMs });
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: readyLimitMs });
    return workbench;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Runs a command by its label in the palette, as in `Strata: Run Agent…`. */
  async runCommand(label: string): Promise<void> {
    // A freshly opened workbench swallows keys, and lists an extension's commands only when it has read them.
    await this.repeat(`run "${label}" from the palette`, async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
      await this.quickInput.fill(`>${label}`, { timeout: 5_000 });
      await this.pickRow(label).first().click({ timeout: 5_000 });
    });
  }

  /**
   * Runs a command and chooses a row of the pick that it opens. A webview that gets the focus back late closes a pick that has
   * just been opened, as it does to a person; then both are done again.
   */
  async runCommandAndPick(command: string, row: string): Promise<void> {
    await this.repeat(`choose "${row}" after "${command}"`, async () => {
      await this.runCommand(command);
      await this.pickRow(row).first().click({ timeout: 15_000 });
    });
  }

  /** Chooses the row of an open pick that has this label. */
  async pick(label: string): Promise<void> {
    await this.pickRow(label).first().click();
  }

  /** The labels of the rows of an open pick. */
  async pickLabels(): Promise<string[]> {
    const rows = this.page.locator(
      '.quick-input-widget .quick-input-list [role="option"], .quick-input-widget .monaco-list-row',
    );
    await rows.first().waitFor();
    const labels = await Promise.all(
      (await rows.all()).map(async (row) => await row.getAttribute('aria-label')),
    );
    return labels.filter((label) => label !== null);
  }

  /** Answers an input box, which may take the place of a pick that was just answered. */
  async answer(text: string): Promise<void> {
    await this.page.locator('.quick-input-widget .quick-input-list').first().waitFor({ state: 'hidden' });
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input');
  }

  /** Opens a container of the activity bar; does nothing when it is open. */
  async openContainer(title: string): Promise<void> {
    const item = this.page.locator(`.activitybar .action-item:has(a[aria-label^="${title}"])`);
    await this.repeat(`open "${title}"`, async () => {
      if ((await item.getAttribute('class', { timeout: 5_000 }))?.includes('checked') === true) return;
      await item.locator('a').first().click({ timeout: 5_000 });
      await this.page
        .locator('.part.sidebar .composite.title')
        .getByText(title, { exact: false })
        .first()
        .waitFor({ timeout: 5_000 });
    });
  }

  /** The rows of the trees in the side bar that show this text. */
  treeItem(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar').getByRole('treeitem').filter({ hasText: text });
  }

  /** A row that is drawn anew at the moment of the click takes none, so it is clicked until it is open. */
  async expand(item: Locator): Promise<void> {
    await this.repeat('expand a row', async () => {
      if ((await item.getAttribute('aria-expanded', { timeout: 5_000 })) === 'false')
        await item.locator('.monaco-tl-twistie').click({ timeout: 5_000 });
      await item.and(this.page.locator('[aria-expanded="true"]')).waitFor({ timeout: 5_000 });
    });
  }

  /** A menu that has just been opened takes the first click for the end of the one that opened it. */
  async chooseFromMenu(name: string): Promise<void> {
    const item = this.page.getByRole('menuitem', { name });
    await item.waitFor();
    await this.repeat(`choose "${name}" from the menu`, async () => {
      if (!(await item.isVisible())) return;
      await this.page.waitForTimeout(200);
      await item.click({ timeout: 2_000 });
      await item.waitFor({ state: 'hidden', timeout: 2_000 });
    });
  }

  /** Closes the other views of the side bar: the rows of a tree are there only as far as they can be seen. */
  async giveRoomTo(title: string): Promise<void> {
    const headers = this.page.locator('.part.sidebar .pane-header');
    await headers.first().waitFor();
    for (const header of await headers.all()) {
      const label = (await header.getAttribute('aria-label')) ?? '';
      const isOpen = (await header.getAttribute('aria-expanded')) === 'true';
      if (label.startsWith(title) !== isOpen) await header.click();
    }
  }

  /** A notification toast with this text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
  }

  /** Moves the toasts out of the picture. */
  async dismissNotifications(): Promise<void> {
    const toasts = this.page.locator('.notifications-toasts .notification-list-item');
    if ((await toasts.count()) === 0) return;
    await this.runCommand('Notifications: Clear All Notifications');
    await toasts.first().waitFor({ state: 'hidden' });
  }

  /** The document inside a webview of this extension. */
  webview(kind: 'panel' | 'view', extensionId = 'strata.strata'): FrameLocator {
    const purpose = kind === 'view' ? '[src*="purpose=webviewView"]' : ':not([src*="purpose=webviewView"])';
    const outer = `iframe.webview.ready[src*="extensionId=${extensionId}"]${purpose}:visible`;
    return this.page.frameLocator(outer).frameLocator('iframe#active-frame');
  }

  /** Does nothing when the window has it. */
  async setTheme(theme: keyof typeof themes): Promise<void> {
    const shown = this.shows(theme);
    if (await shown.isVisible()) return;
    // A window that was just opened may not know its themes yet: then the pick finds none, and is opened again.
    await this.repeat(`choose the theme ${themes[theme]}`, async () => {
      await this.runCommand('Preferences: Color Theme');
      await this.quickInput.fill(themes[theme], { timeout: 5_000 });
      await this.pickRow(themes[theme]).first().click({ timeout: 5_000 });
    });
    await shown.waitFor();
  }

  /** What is there while the window is drawn in this theme. */
  shows(theme: keyof typeof themes): Locator {
    return this.page.locator(themeMarkers[theme]).first();
  }

  /** A picture of the window in the folder that `STRATA_SCREENSHOTS` names; without it there is none. */
  async screenshot(name: string): Promise<void> {
    const folder = process.env['STRATA_SCREENSHOTS'];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }

  private pickRow(label: string): Locator {
    const quoted = JSON.stringify(label);
    const exactOrLonger = [`[aria-label=${quoted}]`, `[aria-label^=${JSON.stringify(`${label},`)}]`];
    return this.page.locator(
      exactOrLonger.map((one) => `.quick-input-widget .monaco-list-row${one}`).join(', '),
    );
  }

  private async repeat(what: string, step: () => Promise<void>): Promise<void> {
    let last: unknown;
    const until = Date.now() + repeatLimitMs;
    while (Date.now() < until) {
      try {
        await step();
        return;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`could not ${what}`, { cause: last });
  }
}
