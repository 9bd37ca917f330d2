import type { Json } from '../../base/json.ts';
import {
  evaluate,
  liveFacts,
  preview,
  readAlertRules,
  rootOf,
  settingSource,
  stateText,
  type AlertState,
  type NamedRule,
  type PreviewedFiring,
  type RuleMistake,
  type RuleSource,
} from '../../core/observability/alerts/index.ts';
import { readSettings } from '../../node/read-settings.ts';
import type { RunEvent, RunId } from '../../protocol/run-event.ts';
import type { AlertsFolder } from './ports.ts';

/** What a person is shown of one state that is no good one. */
export interface ShownAlert {
  readonly name: string;
  readonly level: 'warning' | 'alert';
  /** It names a run by its task. */
  readonly text: string;
  readonly run: RunId | undefined;
  readonly since: number;
  readonly folder: AlertsFolder;
}

export interface FiredAlert extends ShownAlert {
  readonly rule: NamedRule;
  readonly value: number | undefined;
  readonly isQuiet: boolean;
  /** The same as `text` with ids, for what may go further than this window: a task is content. */
  readonly textWithIds: string;
}

const TEAM_FILE = '.strata/alerts.jsonc';
const SETTING = 'strata.observability.alerts';
const DAY_MS = 86_400_000;
/** What another process did is read from its log this often at most. */
const RELOAD_MS = 60_000;
/** Newest runs among which those that are going on are looked for. */
const LOOKED_AT = 200;

/** The alerts of one folder. */
export class WatchedFolder {
  readonly folder: AlertsFolder;
  readonly #facts;
  #states = new Map<string, ReadonlyMap<string, AlertState>>();
  #rules: readonly NamedRule[] = [];
  #mistakes: readonly RuleMistake[] = [];
  #rulesRead = false;
  #loadedAt: number | undefined;
  #stale = false;

  constructor(folder: AlertsFolder) {
    this.folder = folder;
    this.#facts = liveFacts((run) => folder.readRun(run));
  }

  get rules(): readonly NamedRule[] {
    return this.#rules;
  }

  get mistakes(): readonly RuleMistake[] {
    return this.#mistakes;
  }

  /** The rules were changed. */
  forgetRules(): void {
    this.#rulesRead = false;
    this.#loadedAt = undefined;
  }

  /** An empty list says that another process has written. */
  take(events: readonly RunEvent[]): void {
    if (events.length === 0) this.#stale = true;
    else if (this.#loadedAt !== undefined) this.#facts.take(events);
  }

  /** Looks at all rules, and returns what has fired. */
  async look(now: number, signal: AbortSignal): Promise<readonly FiredAlert[]> {
    if (!this.#rulesRead) await this.#readRules();
    const isFirst = this.#loadedAt === undefined;
    await this.#load(now, signal);
    const running = this.folder.list(LOOKED_AT).filter(({ status }) => status === 'running');
    const data = {
      facts: this.#facts.facts(),
      live: new Set(running.map(({ id }) => id)),
      budget: await this.folder.budgetShare(),
      containers: await this.folder.leftContainers(signal),
    };
    const fired: FiredAlert[] = [];
    for (const named of this.#rules) {
      const found = evaluate(named.rule, data, now, this.#states.get(named.name));
      this.#states.set(named.name, found.states);
      for (const { state, isQuiet } of found.fired)
        fired.push({
          ...this.#shown(named, state, state.level),
          ...{ rule: named, value: state.value, isQuiet },
          textWithIds: stateText(named.name, named.rule, state),
        });
    }
    // What stood there when the window opened is shown, and no news: only what still goes on is.
    return isFirst ? fired.filter(({ run }) => run !== undefined && data.live.has(rootOf(run))) : fired;
  }

  /** What is no good now, the worst first. */
  shown(): readonly ShownAlert[] {
    const found = this.#rules.flatMap((named) =>
      [...(this.#states.get(named.name)?.values() ?? [])].flatMap((state) =>
        state.level === 'warning' || state.level === 'alert' ? [this.#shown(named, state, state.level)] : [],
      ),
    );
    return found.sort(
      (a, b) => Number(b.level === 'alert') - Number(a.level === 'alert') || b.since - a.since,
    );
  }

  async preview(
    { rule }: NamedRule,
    days: number,
    now: number,
    signal: AbortSignal,
  ): Promise<readonly PreviewedFiring[] | undefined> {
    const from = now - days * DAY_MS;
    const past = liveFacts((run) => this.folder.readRun(run));
    past.reset(await this.folder.facts(from - Math.max(DAY_MS, rule.windowMs), signal));
    return preview(rule, past.facts(), from, now);
  }

  async readRules(): Promise<void> {
    if (!this.#rulesRead) await this.#readRules();
  }

  #shown(named: NamedRule, state: AlertState, level: ShownAlert['level']): ShownAlert {
    const { run, since } = state;
    const task = run === undefined ? undefined : this.folder.task(run);
    return {
      name: named.name,
      level,
      text: stateText(named.name, named.rule, state, task),
      run,
      since,
      folder: this.folder,
    };
  }

  async #readRules(): Promise<void> {
    const sources: RuleSource[] = [];
    const team = await readSettings(this.folder.folder, 'alerts.jsonc', (text) => text);
    if (team !== undefined) sources.push({ name: TEAM_FILE, text: team, member: 'rules' });
    const own: Json | undefined = this.folder.settings();
    sources.push(settingSource(SETTING, own));
    const { rules, mistakes } = readAlertRules(sources);
    this.#rules = rules;
    this.#mistakes = mistakes;
    this.#rulesRead = true;
    const names = new Set(rules.map(({ name }) => name));
    for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name);
  }

  async #load(now: number, signal: AbortSignal): Promise<void> {
    const longest = Math.max(DAY_MS, ...this.#rules.map(({ rule }) => rule.windowMs));
    const isOld = this.#loadedAt === undefined || (this.#stale && now - this.#loadedAt >= RELOAD_MS);
    if (!isOld) {
      this.#facts.dropBefore(now - longest);
      return;
    }
    this.#stale = false;
    this.#facts.reset(await this.folder.facts(now - longest, signal));
    this.#loadedAt = now;
  }
}
