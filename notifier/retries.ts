const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after a failed attempt the next one is made. After the last the message is a dead letter. */
const waits = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 10 * hour];

/** A webhook that fails for so long is disabled. */
export const longestFailingMs = 5 * 24 * hour;

/** Null if there is no further attempt after so many. A tenth more or less, so that webhooks which failed together part. */
export function waitAfter(attempts: number): number | null {
  const wait = waits[attempts - 1];
  return wait === undefined ? null : Math.round(wait * (0.9 + Math.random() / 5));
}
