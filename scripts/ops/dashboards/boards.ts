// The dashboards. Each is written from the question that brings somebody to it.

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { choice, dashboard, figure, lines, logs, quantiles } from './panels.ts';

const requests = 'cardstock_http_request_duration_seconds';
const orders = 'method="POST",route=~"/orders(/batch)?"';

/** Is it well? What is accepted, matched, persisted; latencies, lags, errors. */
function overview(): Dashboard {
  return dashboard(
    'overview',
    'overview',
    'What is accepted, matched and persisted, how late, and what fails.',
  )
    .withPanel(
      figure('Alerts', 'none', 'count(ALERTS{alertstate="firing",severity=~"page|ticket"}) or vector(0)'),
    )
    .withPanel(figure('Processes that answer', 'none', 'sum(up{job=~"cardstock-.+"})'))
    .withPanel(figure('Commands a second', 'cps', 'sum(shard:cardstock_accepted:rate1m)'))
    .withPanel(figure('Orders within 50 ms', 'percentunit', '1 - cardstock:order_requests_late:ratio_rate5m'))
    .withPanel(figure('PostgreSQL is behind', 's', 'max(shard:cardstock_persistence_lag_seconds:max)'))
    .withPanel(figure('Requests failed', 'percentunit', 'cardstock:requests_failed:ratio_rate1m'))
    .withPanel(
      lines('Commands', 'cps', [
        ['accepted', 'sum(shard:cardstock_accepted:rate1m)'],
        ['matched', 'sum(shard:cardstock_matched:rate1m)'],
        ['persisted', 'sum(shard:cardstock_persisted:rate1m)'],
      ]),
    )
    .withPanel(lines('Time to answer an order', 's', quantiles(requests, orders)))
    .withPanel(
      lines('What waits', 'short', [
        ['for the matcher, {{shard}}', 'shard:cardstock_unmatched_commands:max'],
        ['for PostgreSQL, {{shard}}', 'shard:cardstock_unpersisted_reports:max'],
      ]),
    )
    .withPanel(
      lines('PostgreSQL is behind', 's', [['{{shard}}', 'shard:cardstock_persistence_lag_seconds:max']]),
    )
    .withPanel(
      lines('Answers', 'reqps', [
        ['{{status}}', `sum by (status) (rate(${requests}_count[$__rate_interval]))`],
      ]),
    )
    .withPanel(
      lines('Transfers between shards', 'short', [
        ['that wait', 'max(cardstock_pending_shard_transfers)'],
        ['age of the oldest, in seconds', 'max(cardstock_pending_shard_transfer_age_seconds)'],
      ]),
    )
    .withPanel(
      lines('CPU', 'percentunit', [
        ['{{job}} {{instance}}', 'rate(process_cpu_seconds_total{job=~"cardstock-.+"}[$__rate_interval])'],
      ]),
    )
    .withPanel(logs('Warnings and errors', '{service="cardstock"} | json | level=~"warn|error|fatal"'))
    .build();
}

/** What is wrong with this shard? */
function shard(): Dashboard {
  const of = 'shard="$shard"';
  return dashboard('shard', 'a shard', 'One shard, from its sequence to its commits.')
    .withVariable(choice('shard', 'Shard', 'cardstock_accepted_sequence'))
    .withPanel(
      lines('Commands', 'cps', [
        ['accepted', `shard:cardstock_accepted:rate1m{${of}}`],
        ['matched', `shard:cardstock_matched:rate1m{${of}}`],
        ['persisted', `shard:cardstock_persisted:rate1m{${of}}`],
      ]),
    )
    .withPanel(
      lines('What waits', 'short', [
        ['for the matcher', `shard:cardstock_unmatched_commands:max{${of}}`],
        ['for PostgreSQL', `shard:cardstock_unpersisted_reports:max{${of}}`],
        ['requests for their verdict', `sum(cardstock_awaited_verdicts{${of}})`],
      ]),
    )
    .withPanel(
      lines('PostgreSQL is behind', 's', [['age', `shard:cardstock_persistence_lag_seconds:max{${of}}`]]),
    )
    .withPanel(lines('Time of a matching run', 's', quantiles('cardstock_run_duration_seconds', of)))
    .withPanel(lines('Commands of a run', 'short', quantiles('cardstock_run_commands', of)))
    .withPanel(
      lines('Failures', 'short', [
        ['runs', `sum(increase(cardstock_run_failures_total{${of}}[$__rate_interval]))`],
        ['refused batches', `sum(increase(cardstock_refused_batches_total{${of}}[$__rate_interval]))`],
        ['refused reports', `max(cardstock_refused_reports{${of}})`],
      ]),
    )
    .withPanel(lines('Time of a commit', 's', quantiles('cardstock_commit_duration_seconds', of)))
    .withPanel(lines('Commands of a commit', 'short', quantiles('cardstock_commit_commands', of)))
    .withPanel(
      lines('Who works', 'none', [
        ['writers that lead', `sum(cardstock_writer_leads{${of}})`],
        ['matchers', `count(cardstock_matched_commands_total{${of}})`],
      ]),
    )
    .withPanel(logs('Its log', '{service="cardstock"} | json | shard="$shard"'))
    .build();
}

/** Who asks what, and how are they answered? */
function api(): Dashboard {
  return dashboard('api', 'the api', 'Requests by route and status, refusals, and the processes that answer.')
    .withPanel(
      lines('Requests', 'reqps', [
        ['{{method}} {{route}}', `sum by (method, route) (rate(${requests}_count[$__rate_interval]))`],
      ]),
    )
    .withPanel(
      lines("Refused by the client's fault", 'reqps', [
        [
          '{{status}} {{route}}',
          `sum by (status, route) (rate(${requests}_count{status=~"4.."}[$__rate_interval]))`,
        ],
      ]),
    )
    .withPanel(
      lines('Failed', 'reqps', [
        [
          '{{status}} {{route}}',
          `sum by (status, route) (rate(${requests}_count{status=~"5.."}[$__rate_interval]))`,
        ],
        ['for the backlog', 'sum(rate(cardstock_backlog_refusals_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(lines('Time to answer an order', 's', quantiles(requests, orders)))
    .withPanel(lines('Time to answer a read', 's', quantiles(requests, 'method="GET"')))
    .withPanel(
      lines('Late by route (p99)', 's', [
        [
          '{{route}}',
          `histogram_quantile(0.99, sum by (le, route) (rate(${requests}_bucket[$__rate_interval])))`,
        ],
      ]),
    )
    .withPanel(
      lines('Reads for the replica', 'reqps', [
        ['{{outcome}}', 'sum by (outcome) (rate(cardstock_replica_reads_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Event loop', 's', [
        ['{{instance}} p99', 'nodejs_eventloop_lag_p99_seconds{job="cardstock-api"}'],
      ]),
    )
    .withPanel(
      lines('Memory', 'bytes', [['{{instance}}', 'process_resident_memory_bytes{job="cardstock-api"}']]),
    )
    .withPanel(
      lines('Garbage collection', 'percentunit', [
        [
          '{{instance}}',
          'sum by (instance) (rate(nodejs_gc_duration_seconds_sum{job="cardstock-api"}[$__rate_interval]))',
        ],
      ]),
    )
    .withPanel(logs('What failed', '{service="cardstock",process="api"} | json | level=~"warn|error|fatal"'))
    .build();
}

/** Who is told, and who is not? */
function feed(): Dashboard {
  return dashboard('feed', 'the feed and webhooks', 'Sockets, webhooks, and what they wait for.')
    .withPanel(
      lines('Sockets', 'short', [
        ['open', 'sum(cardstock_sockets)'],
        ['ended as too slow', 'sum(increase(cardstock_slow_sockets_total[$__rate_interval]))'],
        ['ended for breaking a rule', 'sum(increase(cardstock_refused_sockets_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Since events were read', 's', [
        ['{{instance}} {{shard}}', 'max by (instance, shard) (cardstock_feed_silence_seconds)'],
      ]),
    )
    .withPanel(lines('Webhooks', 's', [['oldest that is not told', 'max(cardstock_webhook_lag_seconds)']]))
    .withPanel(
      lines('Webhooks at work', 'short', [
        ['in work', 'sum(cardstock_webhooks_in_work)'],
        ['given up', 'sum(increase(cardstock_webhook_dead_letters_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Attempts to deliver', 'cps', [
        [
          '{{outcome}}',
          'sum by (outcome) (rate(cardstock_webhook_attempt_duration_seconds_count[$__rate_interval]))',
        ],
      ]),
    )
    .build();
}

/** Do the two servers have what they need? */
function servers(): Dashboard {
  return dashboard('servers', 'Redis and PostgreSQL', 'What the exchange itself sees of its two servers.')
    .withPanel(
      lines('Memory of Redis', 'bytes', [
        ['used', 'max(cardstock_redis_memory_bytes)'],
        ['limit', 'max(cardstock_redis_memory_limit_bytes) > 0'],
      ]),
    )
    .withPanel(lines('Append-only file', 'bytes', [['size', 'max(cardstock_redis_file_bytes)']]))
    .withPanel(
      lines('Commands of Redis', 'ops', [
        ['all', 'max(rate(cardstock_redis_commands_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(lines('Clients of Redis', 'short', [['connected', 'max(cardstock_redis_clients)']]))
    .withPanel(
      lines('CPU of Redis', 'percentunit', [
        ['of one core', 'max(rate(cardstock_redis_cpu_seconds_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(lines('Redis answers', 'none', [['{{shard}}', 'min by (shard) (cardstock_redis_up)']]))
    .withPanel(lines('PostgreSQL answers', 'none', [['up', 'min(cardstock_postgres_up)']]))
    .withPanel(lines('Size of the database', 'bytes', [['size', 'max(cardstock_postgres_size_bytes)']]))
    .withPanel(lines('Sessions', 'short', [['{{state}}', 'max by (state) (cardstock_postgres_sessions)']]))
    .withPanel(
      lines('Oldest transaction', 's', [['age', 'max(cardstock_postgres_oldest_transaction_seconds)']]),
    )
    .withPanel(
      lines('Transactions', 'ops', [
        ['committed', 'max(rate(cardstock_postgres_commits_total[$__rate_interval]))'],
        ['rolled back', 'max(rate(cardstock_postgres_rollbacks_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(lines('Time of a commit', 's', quantiles('cardstock_commit_duration_seconds')))
    .build();
}

/** How is trade? */
function business(): Dashboard {
  return dashboard('business', 'trade', 'Trades, volume and traders.')
    .withPanel(figure('Trades today', 'short', 'sum(increase(cardstock_trades_total[24h]))'))
    .withPanel(figure('Traders, last 5 minutes', 'short', 'sum(max by (shard) (cardstock_active_traders))'))
    .withPanel(figure('Orders a second', 'cps', 'sum(rate(cardstock_orders_total[5m]))'))
    .withPanel(
      lines('Trades', 'ops', [
        ['{{product}}', 'sum by (product) (rate(cardstock_trades_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Volume, in lots', 'short', [
        ['{{product}}', 'sum by (product) (rate(cardstock_traded_lots_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Value, in ticks × lots', 'short', [
        ['{{product}}', 'sum by (product) (rate(cardstock_traded_value_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Orders', 'ops', [
        ['{{product}}', 'sum by (product) (rate(cardstock_orders_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Refused', 'ops', [
        ['{{reason}}', 'sum by (reason) (rate(cardstock_rejected_commands_total[$__rate_interval]))'],
      ]),
    )
    .withPanel(
      lines('Traders in five minutes', 'short', [['{{shard}}', 'max by (shard) (cardstock_active_traders)']]),
    )
    .build();
}

/** By file name. */
export const dashboards: Readonly<Record<string, () => Dashboard>> = {
  overview,
  shard,
  api,
  feed,
  servers,
  business,
};
