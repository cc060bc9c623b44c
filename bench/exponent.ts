// The power law that fits measured points.

/** The `b` of the `y = a * x ** b` that fits best: the slope of a straight line through the logarithms, by least squares. */
export function exponentOf(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x, y].map((values) => values.map(Math.log)) as [number[], number[]];
  const [meanU, meanV] = [mean(u), mean(v)];
  const above = u.reduce((sum, each, at) => sum + (each - meanU) * (v[at]! - meanV), 0);
  const below = u.reduce((sum, each) => sum + (each - meanU) ** 2, 0);
  return above / below;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
