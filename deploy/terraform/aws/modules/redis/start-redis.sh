#!/bin/sh
# A Redis that asks the sentinels who the primary is; the first one begins as primary.
set -eu
me=$(hostname).redis
primary=$(for n in 0 1 2; do
  redis-cli -h "redis-$n.redis" -p 26379 sentinel get-master-addr-by-name main 2>/dev/null | head -n 1
done | sort | uniq -c | sort -rn | awk 'NR == 1 && $2 ~ /^redis/ { print $2 }')
primary=${primary:-redis-0.redis}
set -- /config/redis.conf --requirepass "$REDIS_PASSWORD" --masterauth "$REDIS_PASSWORD" --dir /data \
  --replica-announce-ip "$me" --min-replicas-to-write 1 --min-replicas-max-lag 10
[ "$primary" = "$me" ] || set -- "$@" --replicaof "$primary" 6379
exec redis-server "$@"
