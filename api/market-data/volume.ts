const minute = 60_000;
const minutesOfWindow = 24 * 60;

/** Lots traded by minute, over the last 24 hours. `total` is the sum of the buckets, none of which is older than `from`. */
export type Volume = { readonly buckets: Map<number, number>; total: number; from: number };

export function newVolume(): Volume {
  return { buckets: new Map(), total: 0, from: 0 };
}

/** Minutes since 1970 at which the window that ends at `now` (Unix milliseconds) starts. */
export function windowStart(now: number): number {
  return Math.floor(now / minute) - minutesOfWindow;
}

export function addVolume(volume: Volume, time: number, lots: number): void {
  addMinute(volume, Math.floor(time / minute), lots);
}

export function addMinute(volume: Volume, at: number, lots: number): void {
  if (at < volume.from) return;
  volume.buckets.set(at, (volume.buckets.get(at) ?? 0) + lots);
  volume.total += lots;
}

/** Lots traded in the 24 hours before `now`. Drops what is older, which costs a pass over the buckets once a minute. */
export function volumeAt(volume: Volume, now: number): number {
  const from = windowStart(now);
  if (from > volume.from) {
    volume.from = from;
    for (const [at, lots] of volume.buckets) {
      if (at >= from) continue;
      volume.buckets.delete(at);
      volume.total -= lots;
    }
  }
  return volume.total;
}
