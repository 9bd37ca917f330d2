/** A graph with places, in CSS pixels from its top left corner. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** From the top down, and from the left to the right. */
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export interface PlacedNode {
  readonly id: string;
  /** Of its top left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  /** What of its label there is room for, one below the other; none where it has no label. */
  readonly lines: readonly string[];
  /** The whole of it. */
  readonly label: string;
  /** In the language of an SVG path. */
  readonly path: string;
  readonly labelAt: { readonly x: number; readonly y: number };
  /** It leads up, to what has run before. */
  readonly back: boolean;
}

export interface GraphInput {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label: string }[];
}

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 46;
const GAP_X = 28;
const GAP_Y = 54;
const MARGIN = 16;
/** Room for an edge that passes a layer without stopping there. */
const LANE_WIDTH = 12;
const BACK_STEP = 26;
/** Of a letter of a label, roughly; a line of them is no wider than a node with the gap beside it. */
const LETTER_WIDTH = 6.4;
const LETTERS = Math.floor((NODE_WIDTH + GAP_X) / LETTER_WIDTH);
/** There is room for between two layers. */
const LABEL_LINES = 2;
const SWEEPS = 6;

/** A node, or the place where a longer edge crosses a layer. */
interface Spot {
  readonly id: string;
  readonly width: number;
  readonly layer: number;
  x: number;
  readonly above: Spot[];
  readonly below: Spot[];
}

/**
 * Layers from the top down, as in Sugiyama's method: each node stands below all that lead to it, edges that lead back left
 * out; within a layer, nodes are ordered by the middle of their neighbours. Made for workflows, of fewer than 50 nodes.
 */
export function layoutGraph({ nodes, edges }: GraphInput): GraphLayout {
  const ids = nodes.map(({ id }) => id);
  const known = edges.filter(({ from, to }) => ids.includes(from) && ids.includes(to));
  const back = backEdges(ids, known);
  const forward = known.filter((edge) => !back.has(edge));
  const layerOf = longestPaths(ids, forward);
  const spots = new Map<string, Spot>();
  for (const id of ids) spots.set(id, spotAt(id, NODE_WIDTH, layerOf.get(id) ?? 0));
  const lanes = new Map(forward.map((edge) => [edge, laneOf(edge, spots)]));
  const layers = layersOf([...spots.values(), ...[...lanes.values()].flat()]);
  order(layers);
  place(layers);

  const left = Math.min(...[...spots.values()].map(({ x, width }) => x - width / 2), 0);
  const all = layers.flat();
  for (const spot of all) spot.x += MARGIN - left;
  const right = Math.max(...all.map(({ x, width }) => x + width / 2), 0);
  const top = (layer: number): number => MARGIN + layer * (NODE_HEIGHT + GAP_Y);
  const placed = [...spots.values()]
    .map(({ id, x, layer }) => ({ id, x: Math.round(x - NODE_WIDTH / 2), y: top(layer) }))
    .sort((a, b) => a.y - b.y || a.x - b.x);
  let turns = 0;
  const drawn = known.map((edge): PlacedEdge => {
    const from = spots.get(edge.from);
    const to = spots.get(edge.to);
    if (!from || !to) throw new Error('Broken invariant: an edge joins nodes that there are');
    if (back.has(edge)) return backEdge(edge, from, to, right + BACK_STEP * (turns += 1), top);
    const points = [
      { x: from.x, y: top(from.layer) + NODE_HEIGHT },
      ...(lanes.get(edge) ?? []).flatMap(({ x, layer }) => [
        { x, y: top(layer) },
        { x, y: top(layer) + NODE_HEIGHT },
      ]),
      { x: to.x, y: top(to.layer) },
    ];
    const label = { lines: labelLines(edge.label), labelAt: labelPlace(points) };
    return { ...edge, ...label, path: curve(points), back: false };
  });
  return {
    width: Math.ceil(Math.max(right + MARGIN + BACK_STEP * turns, ...drawn.map(endOfLabel))),
    height: top(layers.length) - GAP_Y + MARGIN,
    nodes: placed,
    edges: drawn,
  };
}

/** Labels of edges that lead back stand beside all nodes. */
function endOfLabel({ back, lines, labelAt }: PlacedEdge): number {
  return back ? labelAt.x + Math.max(0, ...lines.map(({ length }) => length)) * LETTER_WIDTH + MARGIN : 0;
}

/** Broken between words, and in the middle of one that is too long by itself. */
function labelLines(label: string): readonly string[] {
  const words = label
    .split(/\s+/)
    .flatMap((word) => word.match(new RegExp(`.{1,${String(LETTERS)}}`, 'gsu')) ?? []);
  const lines: string[] = [];
  for (const word of words) {
    const longer = [...lines.slice(-1), word].join(' ');
    if (lines.length > 0 && longer.length <= LETTERS) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  if (lines.length <= LABEL_LINES) return lines;
  const last = lines[LABEL_LINES - 1] ?? '';
  return [...lines.slice(0, LABEL_LINES - 1), `${last.slice(0, LETTERS - 1)}…`];
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Those that close a circle when the nodes are walked in their order. */
function backEdges<E extends Edge>(ids: readonly string[], edges: readonly E[]): ReadonlySet<E> {
  const back = new Set<E>();
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const edge of edges) {
      if (edge.from !== id) continue;
      if (state.get(edge.to) === 'open') back.add(edge);
      else if (!state.has(edge.to)) visit(edge.to);
    }
    state.set(id, 'done');
  };
  const starts = ids.filter((id) => !edges.some(({ to }) => to === id));
  for (const id of [...starts, ...ids]) if (!state.has(id)) visit(id);
  return back;
}

function longestPaths(ids: readonly string[], edges: readonly Edge[]): ReadonlyMap<string, number> {
  const layers = new Map(ids.map((id) => [id, 0]));
  // Without circles the longest way has fewer edges than there are nodes.
  for (let round = 0; round < ids.length; round += 1) {
    for (const { from, to } of edges) {
      layers.set(to, Math.max(layers.get(to) ?? 0, (layers.get(from) ?? 0) + 1));
    }
  }
  return layers;
}

function spotAt(id: string, width: number, layer: number): Spot {
  return { id, width, layer, x: 0, above: [], below: [] };
}

/** Joins the ends of an edge, through a place in each layer between them. */
function laneOf({ from, to }: Edge, spots: ReadonlyMap<string, Spot>): readonly Spot[] {
  const [start, end] = [spots.get(from), spots.get(to)];
  if (!start || !end) return [];
  const lane: Spot[] = [];
  for (let layer = start.layer + 1; layer < end.layer; layer += 1)
    lane.push(spotAt(`${from} ${to} ${String(layer)}`, LANE_WIDTH, layer));
  const chain = [start, ...lane, end];
  for (const [index, spot] of chain.entries()) {
    const next = chain[index + 1];
    if (!next) continue;
    spot.below.push(next);
    next.above.push(spot);
  }
  return lane;
}

function layersOf(spots: readonly Spot[]): Spot[][] {
  const layers: Spot[][] = [];
  for (const spot of spots) (layers[spot.layer] ??= []).push(spot);
  return layers;
}

function order(layers: Spot[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      const rank = new Map(layers.flatMap((one) => one.map((spot, index) => [spot, index] as const)));
      const middle = new Map(
        layer.map((spot) => {
          const near = (down ? spot.above : spot.below).map((one) => rank.get(one) ?? 0);
          return [spot, near.length > 0 ? mean(near) : (rank.get(spot) ?? 0)];
        }),
      );
      layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
    }
  }
}

function place(layers: readonly Spot[][]): void {
  for (const layer of layers)
    spread(
      layer,
      layer.map(() => 0),
    );
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      const wanted = layer.map((spot) => {
        const near = (down ? spot.above : spot.below).map(({ x }) => x);
        return near.length > 0 ? mean(near) : spot.x;
      });
      spread(layer, wanted);
    }
  }
}

/** As near to where they are wanted as they get without touching each other. */
function spread(layer: readonly Spot[], wanted: readonly number[]): void {
  let edge = Number.NEGATIVE_INFINITY;
  for (const [index, spot] of layer.entries()) {
    spot.x = Math.max(wanted[index] ?? 0, edge + spot.width / 2);
    edge = spot.x + spot.width / 2 + GAP_X;
  }
  const off = mean(layer.map((spot, index) => spot.x - (wanted[index] ?? 0)));
  for (const spot of layer) spot.x -= off;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const parts = [`M ${at(first)}`];
  let last = first;
  for (const point of rest) {
    const bend = (point.y - last.y) / 2;
    parts.push(
      last.x === point.x
        ? `L ${at(point)}`
        : `C ${at({ x: last.x, y: last.y + bend })} ${at({ x: point.x, y: point.y - bend })} ${at(point)}`,
    );
    last = point;
  }
  return parts.join(' ');
}

function at({ x, y }: Point): string {
  return `${String(Math.round(x))} ${String(Math.round(y))}`;
}

/** Above the node that it leads to, where edges of one node have parted: a label is no wider than what is below it. */
function labelPlace(points: readonly Point[]): Point {
  const [last, before] = [points.at(-1), points.at(-2)];
  if (!last || !before) return { x: 0, y: 0 };
  return { x: Math.round(last.x + (before.x - last.x) * 0.08), y: Math.round(last.y - GAP_Y * 0.38) };
}

function backEdge(
  edge: Edge & { readonly label: string },
  from: Spot,
  to: Spot,
  turn: number,
  top: (layer: number) => number,
): PlacedEdge {
  const start = { x: from.x + NODE_WIDTH / 2, y: top(from.layer) + NODE_HEIGHT / 2 };
  const end = { x: to.x + NODE_WIDTH / 2, y: top(to.layer) + NODE_HEIGHT / 2 };
  const path = `M ${at(start)} C ${at({ x: turn, y: start.y })} ${at({ x: turn, y: end.y })} ${at(end)}`;
  const middle = { x: Math.round((start.x + end.x) / 8 + turn * 0.75), y: Math.round((start.y + end.y) / 2) };
  return { ...edge, lines: labelLines(edge.label), path, labelAt: middle, back: true };
}
