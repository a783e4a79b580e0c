#!/bin/sh
# Starts a sentinel, which keeps what it learns in its configuration: a copy in a folder of its own.
set -eu
password=$(cat /secrets/redis/password)
umask 077
[ -f /data/sentinel.conf ] || cat >/data/sentinel.conf <<CONF
port 26379
dir /data
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $SENTINEL_NAME
sentinel monitor main redis 6379 2
sentinel auth-pass main $password
sentinel down-after-milliseconds main 3000
sentinel failover-timeout main 15000
CONF
exec redis-sentinel /data/sentinel.conf
