import type { RecallReason } from '../../../core/memory/index.ts';
import { listLine } from '../../plain-labels.ts';

const VERDICTS: Readonly<Record<NonNullable<RecallReason['verdict']>, string>> = {
  corrected: 'you corrected it',
  up: 'you rated it helpful',
  down: 'you rated it not helpful',
  applied: 'you applied its changes',
  discarded: 'you discarded its changes',
};

/** Why an earlier run or a note was recalled, a few words each. */
export function recallWords(why: RecallReason | undefined): readonly string[] {
  if (!why) return [];
  const words = why.words.slice(0, MOST).map((word) => listLine(word, WORD_CHARACTERS));
  const files = why.files?.slice(0, MOST) ?? [];
  return [
    ...(words.length > 0 ? [`has ${words.join(', ')}`] : []),
    ...(files.length > 0 ? [`changed ${files.join(', ')}`] : []),
    ...(why.verdict === undefined ? [] : [VERDICTS[why.verdict]]),
    ...(why.pinned === true ? ['pinned'] : []),
  ];
}

const MOST = 6;
const WORD_CHARACTERS = 40;
