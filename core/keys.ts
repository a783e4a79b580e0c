/** Every Redis key there is. All keys of a shard carry its hash tag, so that one script may touch them all in a cluster. */
export type ShardKeys = Readonly<ReturnType<typeof shardKeys>>;

export function shardKeys(shard: string) {
  return {
    /** Stream: what was accepted, in order. Entry `0-<first sequence>`, field `lines`. */
    commands: `{${shard}}:commands`,
    /** Stream: what happened, in order. Entry `0-<last sequence>`, fields `first` and `reports`. */
    events: `{${shard}}:events`,
    /** Hash: `sequence`, `matched`, `persisted`; `tradeId:<product>` and `feed:<product>`; `batch`, an all-or-none batch under way. */
    state: `{${shard}}:state`,
    /** Hash: order id → `<trader> <remaining> <product> <side> <price> <place> <size> <stp> <post|-> [<terms>]`; resting orders, and stop
     * orders that wait. */
    orders: `{${shard}}:orders`,
    /** Hash: product id → `<status> <version> <funding> [<rules>]`, as the last `product` command said. */
    products: `{${shard}}:products`,
    /** Set: the traders who may cancel only, as the last `freeze` and `unfreeze` commands said. */
    frozen: `{${shard}}:frozen`,
    /** Hash: trader → the last sequence given to that trader. */
    written: `{${shard}}:written`,
    /** Stream: a report that PostgreSQL refused for its content, with the error. */
    dead: `{${shard}}:dead`,
    /** Stream: what is said in the rooms of products, for those who listen now; PostgreSQL keeps it. Fields `product` and `message`. */
    rooms: `{${shard}}:rooms`,
    /** Channel on which the writer publishes `persisted`. */
    persisted: `{${shard}}:persisted`,
    /** Channel on which apis say which sequences are traced, while tracing is on. */
    traced: `{${shard}}:traced`,
    /** Channel on which reads say which sequence they wait for, so that the writer does not. */
    awaited: `{${shard}}:awaited`,
    /** Sorted set: what cancels a trader's orders unless it is put off; the score is when, in Unix milliseconds. */
    sessions: `{${shard}}:sessions`,
    /** Sorted sets: the matchers and writers that share all shards; the score is when each was there last, in ms of Redis. */
    matchers: `{${shard}}:matchers`,
    writers: `{${shard}}:writers`,
    /** Hash: what a command that one run could not finish leaves to the next; `cascade` in `state` says that it is there. */
    cascade: `{${shard}}:cascade`,
    /** Sorted set: product → when its first order expires, in Unix milliseconds. */
    expiring: `{${shard}}:expiring`,
    /** Never there: setting it if it is there shows whether Redis takes writes. */
    probe: `{${shard}}:probe`,
    /** Hash: what becomes `state` once a rebuild is complete; while it is there, the other keys are not complete. */
    rebuild: `{${shard}}:rebuild`,
    /** The streams as they were before a rebuild without a command that PostgreSQL refuses, until that is complete. */
    asideCommands: `{${shard}}:aside:commands`,
    asideEvents: `{${shard}}:aside:events`,
    /** What a book's keys start with; `<product>:bids` or `<product>:asks` follows. */
    books: `{${shard}}:book:`,
    /** What the keys of accounts start with; the trader follows. Hash: `<currency>:available` and `<currency>:hold`. */
    accounts: `{${shard}}:account:`,
  };
}

/** Every key of a shard, as a pattern for SCAN. */
export function keysOfShard(shard: string): string {
  return `{${shard}}:*`;
}

export type BookPart = 'bids' | 'asks' | 'losses' | 'entries' | 'expiries';

/**
 * Sorted set: score is the price in ticks, negated for bids; member is the order's place, see `matcher/lua/book.lua`. Stop orders that
 * wait stand by their stop price in `losses`, negated, and `entries`; `expiries` has orders by the time at which they expire.
 */
export function bookKey(shard: string, productId: string, half: BookPart): string {
  return `${shardKeys(shard).books}${productId}:${half}`;
}

/** Hash: a trader's accounts, see `accounts` above. */
export function accountKey(shard: string, traderId: number): string {
  return `${shardKeys(shard).accounts}${traderId}`;
}

/** String with an expiry: the sequence that this transfer id was given. */
export function transferKey(shard: string, transferId: string): string {
  return `{${shard}}:transfer:${transferId}`;
}

/** String with an expiry: a process is at what this member of `sessions` says. */
export function switchClaimKey(shard: string, member: string): string {
  return `{${shard}}:session-claim:${member}`;
}

/** String with an expiry: the sequence that this client order id was given. */
export function clientOidKey(shard: string, traderId: number, clientOid: string): string {
  return `{${shard}}:oid:${traderId}:${clientOid}`;
}
