export { firstError, hasErrors, inOrder, type Mistake, type Position, type TextRange } from './mistake.ts';
export { didYouMean, suggest } from './suggest.ts';
export { readYaml, type Checked, type KeysAt, type Path, type YamlText } from './yaml-text.ts';
