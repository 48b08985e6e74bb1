/** The slope of samples taken at one distance, by least squares. @returns units of the samples an hour. */
export function slopePerHour(samples: readonly number[], stepSeconds: number): number {
  const count = samples.length;
  const middle = (count - 1) / 2;
  const mean = samples.reduce((sum, each) => sum + each, 0) / count;
  let [above, below] = [0, 0];
  for (const [index, each] of samples.entries()) {
    above += (index - middle) * (each - mean);
    below += (index - middle) ** 2;
  }
  return below === 0 ? 0 : (above / below) * (3600 / stepSeconds);
}
