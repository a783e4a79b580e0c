/** Something that a request needs is not there now: to be answered 503 with `Retry-After`. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

/** What was waited for did not come within `readTimeoutMs`. */
export class LagError extends UnavailableError {
  override name = 'LagError';
}

/** Replicas have not confirmed what was taken, so that it may be lost with the primary. Whether it is kept is unknown. */
export class UnconfirmedError extends UnavailableError {
  override name = 'UnconfirmedError';
}

/** Redis gave no answer. */
export class RedisAwayError extends UnavailableError {
  override name = 'RedisAwayError';
}

/** Redis knows less than it did: another one, or one that lost data, is in its place. Until a restart the shard does nothing. */
export class ShardStoppedError extends UnavailableError {
  override name = 'ShardStoppedError';
}
