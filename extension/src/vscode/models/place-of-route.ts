import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { Deployment } from '../../core/models/provider.ts';

/** Where in the text a route is defined, or one of its deployments; undefined where the text does not name the route. */
export function offsetOf(text: string, route: string, deployment?: Deployment): number | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const found = tree && findNodeAtLocation(tree, ['routes', route]);
  if (!found) return undefined;
  const list = found.type === 'array' ? found : findNodeAtLocation(found, ['deployments']);
  const entry = deployment && list?.children?.find((node) => isOf(node, deployment));
  return entry?.offset ?? found.parent?.offset ?? found.offset;
}

/** A key's name is bound to a server by the time that it is a deployment's. */
function isOf(node: Node, { provider, model, baseUrl, keyName }: Deployment): boolean {
  if (node.type === 'string') return node.value === `${provider}/${model}`;
  const member = (name: string): unknown => findNodeAtLocation(node, [name])?.value;
  const written = member('keyName');
  return (
    member('provider') === provider &&
    member('model') === model &&
    (member('baseUrl') === undefined || member('baseUrl') === baseUrl) &&
    (written === undefined || keyName === undefined || keyName.split('@')[0] === written)
  );
}
