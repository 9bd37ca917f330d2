import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { Deployment } from '../../core/models/index.ts';
import { vendorOf } from './vendor.ts';

/** Where in the text a route is defined, or one of its deployments; undefined where the text does not name the route. */
export function offsetOf(text: string, route: string, deployment?: Deployment): number | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const found = tree && findNodeAtLocation(tree, ['routes', route]);
  if (!found) return undefined;
  const list = found.type === 'array' ? found : findNodeAtLocation(found, ['deployments']);
  const entry = deployment && likest(list?.children ?? [], deployment);
  return entry?.offset ?? found.parent?.offset ?? found.offset;
}

/** The deployment has what follows from keys and the environment too, so what is left out in the text may still be it. */
function likest(entries: readonly Node[], deployment: Deployment): Node | undefined {
  const [best] = entries
    .map((node) => ({ node, alike: likeness(node, deployment) }))
    .filter(({ alike }) => alike !== undefined)
    .sort((a, b) => (b.alike ?? 0) - (a.alike ?? 0));
  return best?.node;
}

/** How much of what is written is the deployment's; undefined where something is another one's. */
function likeness(node: Node, deployment: Deployment): number | undefined {
  const { model, baseUrl, keyName } = deployment;
  const vendor = vendorOf(deployment);
  if (node.type === 'string') return node.value === `${vendor}/${model}` ? 0 : undefined;
  const member = (name: string): unknown => findNodeAtLocation(node, [name])?.value;
  if (member('provider') !== vendor || member('model') !== model) return undefined;
  // A key's name is bound to a server by the time that it is a deployment's.
  const facts = [
    [member('baseUrl'), baseUrl],
    [member('keyName'), keyName?.split('@')[0]],
  ].filter(([written]) => written !== undefined);
  return facts.every(([written, its]) => written === its) ? 1 + facts.length : undefined;
}
