import { AssayError, type Row, withoutAbsent } from "../../core/index.ts";
import { type DatasetSummary, type RowSource, TotalsSum } from "../../datasets/index.ts";
import type { Shard } from "./shard.ts";

/**
 * The rows of a shard: every n-th of those that are selected, so that shards are equally long, no row is in
 * two, and all of them together are the rows of the evaluation without shards.
 */
export function shardSource(source: RowSource, shard: Shard): RowSource {
  const { index, of } = shard;
  /** What can be read only once has been begun for the look at its first row. */
  let begun: { readonly first: Row; readonly others: AsyncGenerator<Row> } | undefined;

  async function* part(): AsyncGenerator<Row> {
    if (begun !== undefined) {
      const { first, others } = begun;
      begun = undefined;
      yield first;
      yield* others;
      return;
    }
    let place = 0;
    for await (const row of source.rows()) {
      if (place % of === index - 1) yield row;
      place += 1;
    }
  }

  const rows: RowSource["rows"] = async function* (onEnd) {
    const sum = onEnd && new TotalsSum();
    for await (const row of part()) {
      sum?.add(row);
      yield row;
    }
    if (sum !== undefined) onEnd?.(sum.totals());
  };

  const first = async (): Promise<Row | undefined> => {
    if (begun !== undefined) return begun.first;
    const others = part();
    const next = await others.next();
    if (next.done) return undefined;
    if (source.isRepeatable) await others.return(undefined);
    else begun = { first: next.value, others };
    return next.value;
  };

  const inspect: RowSource["inspect"] = async (options) => {
    const whole = await source.inspect(options);
    const { rows: selected, digest, unorderedDigest, askedDigest: _, ...others } = whole;
    const own = await first();
    if (own === undefined) throw isEmpty(source, shard, selected);
    const summary = withoutAbsent<DatasetSummary>({
      ...others,
      first: own,
      rows: selected && Math.ceil((selected - index + 1) / of),
      digest: source.registered && digest,
    });
    // Where only the end tells of the whole, it tells of the part.
    if (unorderedDigest === undefined) return summary;
    const sum = new TotalsSum();
    for await (const row of part()) sum.add(row);
    return { ...sum.totals(), ...summary };
  };

  return { ...source, rows, inspect };
}

function isEmpty({ name }: RowSource, { index, of }: Shard, selected = 0): AssayError {
  const problem = `Shard ${index}/${of} of ${name} has no rows: ${selected} are selected. Make no more shards than rows`;
  return new AssayError("invalid-argument", problem);
}
