/** The names that look most like what was written, the closest first; none where nothing comes near. */
export function closestNames(wanted: string, names: readonly string[], most = 3): string[] {
  return [...new Set(names)]
    .map((name) => ({ name, distance: distanceTo(wanted, name) }))
    .filter(({ distance }) => distance <= FARTHEST)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Edits as a share of the letters, beyond which a name has nothing to do with what was written. */
const FARTHEST = 0.4;

/** Of the first part, as all names end alike; what stands behind tells those with the same first part apart. */
function distanceTo(wanted: string, name: string): number {
  const [written, known] = [wanted.toLowerCase(), name.toLowerCase()];
  const first = (text: string) => text.split("/")[0] as string;
  const share = (a: string, b: string) => edits(a, b) / Math.max(a.length, b.length, 1);
  return share(first(written), first(known)) + share(written, known) / 10;
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
