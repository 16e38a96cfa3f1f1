/** Starts measuring, and returns a function that gives the seconds since then. */
export function stopwatch(): () => number {
  const started = Date.now();
  return () => (Date.now() - started) / 1000;
}
