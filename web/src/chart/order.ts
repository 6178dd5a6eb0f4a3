// The order of a tree's leaves.

/** The leaves in an order in which no branches cross. */
export function leafOrder(leaves: number, parts: [number, number][]): number[] {
  const groups: number[][] = Array.from({ length: leaves }, (_, i) => [i]);
  const joined = new Set<number>();
  for (const [a, b] of parts) {
    groups.push([...groups[a], ...groups[b]]);
    joined.add(a).add(b);
  }
  return groups.filter((_, i) => !joined.has(i)).flat();
}
