/** Ids of experiments as the database has them; what cannot be one is left out. */
export function experimentNumbers(experimentIds: readonly string[]): readonly number[] {
  return experimentIds.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
}
