#!/bin/sh
# A sentinel; what it learns is kept beside the data.
set -eu
umask 077
[ -f /data/sentinel.conf ] || cat >/data/sentinel.conf <<CONF
port 26379
dir /data
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $(hostname).redis
sentinel monitor main redis-0.redis 6379 2
sentinel auth-pass main $REDIS_PASSWORD
sentinel down-after-milliseconds main 5000
sentinel failover-timeout main 30000
CONF
exec redis-sentinel /data/sentinel.conf
