import arrowLeft from '@vscode/codicons/src/icons/arrow-left.svg';
import arrowRight from '@vscode/codicons/src/icons/arrow-right.svg';
import arrowSwap from '@vscode/codicons/src/icons/arrow-swap.svg';
import check from '@vscode/codicons/src/icons/check.svg';
import checklist from '@vscode/codicons/src/icons/checklist.svg';
import chevronDown from '@vscode/codicons/src/icons/chevron-down.svg';
import chevronRight from '@vscode/codicons/src/icons/chevron-right.svg';
import circleLarge from '@vscode/codicons/src/icons/circle-large.svg';
import circleSlash from '@vscode/codicons/src/icons/circle-slash.svg';
import close from '@vscode/codicons/src/icons/close.svg';
import comment from '@vscode/codicons/src/icons/comment-discussion.svg';
import copy from '@vscode/codicons/src/icons/copy.svg';
import database from '@vscode/codicons/src/icons/database.svg';
import debugContinue from '@vscode/codicons/src/icons/debug-continue.svg';
import debugDisconnect from '@vscode/codicons/src/icons/debug-disconnect.svg';
import debugPause from '@vscode/codicons/src/icons/debug-pause.svg';
import debugRestart from '@vscode/codicons/src/icons/debug-restart.svg';
import debugStop from '@vscode/codicons/src/icons/debug-stop.svg';
import deviceCamera from '@vscode/codicons/src/icons/device-camera.svg';
import diff from '@vscode/codicons/src/icons/diff.svg';
import discard from '@vscode/codicons/src/icons/discard.svg';
import edit from '@vscode/codicons/src/icons/edit.svg';
import error from '@vscode/codicons/src/icons/error.svg';
import exportIcon from '@vscode/codicons/src/icons/export.svg';
import fold from '@vscode/codicons/src/icons/fold.svg';
import gitMerge from '@vscode/codicons/src/icons/git-merge.svg';
import goToFile from '@vscode/codicons/src/icons/go-to-file.svg';
import history from '@vscode/codicons/src/icons/history.svg';
import hubot from '@vscode/codicons/src/icons/hubot.svg';
import info from '@vscode/codicons/src/icons/info.svg';
import library from '@vscode/codicons/src/icons/library.svg';
import listTree from '@vscode/codicons/src/icons/list-tree.svg';
import loading from '@vscode/codicons/src/icons/loading.svg';
import pass from '@vscode/codicons/src/icons/pass.svg';
import person from '@vscode/codicons/src/icons/person.svg';
import redo from '@vscode/codicons/src/icons/redo.svg';
import refresh from '@vscode/codicons/src/icons/refresh.svg';
import repoForked from '@vscode/codicons/src/icons/repo-forked.svg';
import send from '@vscode/codicons/src/icons/send.svg';
import shield from '@vscode/codicons/src/icons/shield.svg';
import sparkle from '@vscode/codicons/src/icons/sparkle.svg';
import tools from '@vscode/codicons/src/icons/tools.svg';
import typeHierarchy from '@vscode/codicons/src/icons/type-hierarchy-sub.svg';
import warning from '@vscode/codicons/src/icons/warning.svg';
import type { IconName } from './icon-names.ts';

/** The drawings that the panel uses: the icon font with all 540 would take half of the bundle's 300 KB. */
const drawings: Readonly<Record<IconName, string>> = {
  'arrow-left': arrowLeft,
  'arrow-right': arrowRight,
  'arrow-swap': arrowSwap,
  check,
  checklist,
  'chevron-down': chevronDown,
  'chevron-right': chevronRight,
  'circle-large': circleLarge,
  'circle-slash': circleSlash,
  close,
  comment,
  copy,
  database,
  'debug-continue': debugContinue,
  'debug-disconnect': debugDisconnect,
  'debug-pause': debugPause,
  'debug-restart': debugRestart,
  'debug-stop': debugStop,
  'device-camera': deviceCamera,
  diff,
  discard,
  edit,
  error,
  export: exportIcon,
  fold,
  'git-merge': gitMerge,
  'go-to-file': goToFile,
  graph: typeHierarchy,
  history,
  hubot,
  info,
  library,
  loading,
  pass,
  person,
  redo,
  refresh,
  'repo-forked': repoForked,
  send,
  shield,
  sparkle,
  steps: listTree,
  tools,
  warning,
};

/** What is around the shapes of each (see `bundle.mjs`). */
const BEGIN =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16" fill="currentColor">';

const parsed = new Map<IconName, Element>();

/** A drawing that takes the text's colour. It is decoration: the text beside it, or a label, says the same. */
export function icon(name: IconName, className = ''): HTMLElement {
  let drawing = parsed.get(name);
  if (!drawing) {
    drawing = new DOMParser().parseFromString(
      `${BEGIN}${drawings[name]}</svg>`,
      'image/svg+xml',
    ).documentElement;
    parsed.set(name, drawing);
  }
  const span = document.createElement('span');
  span.className = `icon icon-${name} ${className}`.trim();
  span.setAttribute('aria-hidden', 'true');
  span.append(document.importNode(drawing, true));
  return span;
}
