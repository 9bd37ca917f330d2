import type { Json } from '../../../base/json.ts';
import type { Mistake } from '../../definition-file/index.ts';
import { readJsonc } from '../../settings-file/index.ts';
import { DEFAULT_RULES } from './defaults.ts';
import { alertRuleSchema, RULE_KEYS } from './rule.ts';
import type { AlertRule } from './rule.ts';

export interface RuleSource {
  /** Where a person finds it, such as `.strata/alerts.jsonc`. */
  readonly name: string;
  readonly text: string;
  /** The member that holds the rules; absent where the text is nothing but them. */
  readonly member?: string;
}

export interface NamedRule {
  readonly name: string;
  readonly rule: AlertRule;
  /** Who wrote it: the source's name, or `Strata`. */
  readonly from: string;
}

export interface RuleMistake extends Mistake {
  readonly source: string;
}

export interface ReadRules {
  readonly rules: readonly NamedRule[];
  readonly mistakes: readonly RuleMistake[];
}

/**
 * The rules of all sources and of Strata itself. A later source replaces a rule of the same name, and `false` takes it away. What is
 * wrong with one rule leaves the others alone; where one cannot be read, what stood there before goes on.
 */
export function readAlertRules(sources: readonly RuleSource[]): ReadRules {
  const rules = new Map<string, NamedRule>();
  const mistakes: RuleMistake[] = [];
  const read = ({ name: source, text, member }: RuleSource): void => {
    const jsonc = readJsonc(text);
    const own = (mistake: Mistake): RuleMistake => ({ ...mistake, source });
    mistakes.push(...jsonc.syntax.map(own));
    if (jsonc.syntax.length > 0) return;
    const path = member === undefined ? [] : [member];
    for (const name of new Set(jsonc.keysAt(path))) {
      if (jsonc.valueAt([...path, name]) === false) {
        rules.delete(name);
        continue;
      }
      const found = jsonc.check(alertRuleSchema, [...path, name], () => RULE_KEYS);
      mistakes.push(...found.mistakes.map(own));
      if (found.data) rules.set(name, { name, rule: found.data, from: source });
    }
  };
  read({ name: 'Strata', text: JSON.stringify(DEFAULT_RULES) });
  for (const source of sources) read(source);
  return { rules: [...rules.values()], mistakes };
}

/** A setting of the editor, which is a value and no text. */
export function settingSource(name: string, value: Json | undefined): RuleSource {
  return { name, text: JSON.stringify(value ?? {}, undefined, 2) };
}

/** `.strata/alerts.jsonc: line 3, column 5: "rules.x.warn" must be a number` */
export function ruleMistakeText({ source, range, message }: RuleMistake): string {
  return `${source}: line ${range.start.line + 1}, column ${range.start.character + 1}: ${message}`;
}
