#!/bin/sh
# Starts Redis with the shipped configuration. A replica asks the sentinels who the primary is, as it may have changed while
# this one was away; an old primary that comes back does so as well.
set -eu
set -- /usr/local/etc/redis/redis.conf --dir /data --include /secrets/redis/password.conf --maxmemory "$REDIS_MAXMEMORY"
if [ -n "${REDIS_NAME:-}" ]; then
  primary=$(for n in 1 2 3; do
    redis-cli -h "sentinel-$n" -p 26379 sentinel get-master-addr-by-name main 2>/dev/null | head -n 1
  done | sort | uniq -c | sort -rn | awk 'NR == 1 && $2 ~ /^redis/ { print $2 }')
  primary=${primary:-redis}
  set -- "$@" --replica-announce-ip "$REDIS_NAME" --min-replicas-to-write "${MIN_REPLICAS:-0}" --min-replicas-max-lag 10
  [ "$primary" = "$REDIS_NAME" ] || set -- "$@" --replicaof "$primary" 6379
fi
exec redis-server "$@"
