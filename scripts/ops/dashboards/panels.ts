// The few kinds of panel that the dashboards are made of.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  type DataSourceRef,
  type Panel,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Logs } from '@grafana/grafana-foundation-sdk/logs';
import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki';
import { DataqueryBuilder as PrometheusQuery } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Timeseries } from '@grafana/grafana-foundation-sdk/timeseries';

/** A series: what it is called in the legend, and how it is asked for. */
export type Line = readonly [legend: string, expression: string];

/** The data sources as `deploy/grafana/provisioning` names them. */
export const prometheus: DataSourceRef = { type: 'prometheus', uid: 'prometheus' };
export const loki: DataSourceRef = { type: 'loki', uid: 'loki' };

const height = 7;
/** Of the 24 columns. */
const third = 8;

export function dashboard(uid: string, title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(`Cardstock: ${title}`)
    .uid(`cardstock-${uid}`)
    .description(description)
    .tags(['cardstock'])
    .timezone('browser')
    .refresh('15s')
    .time({ from: 'now-1h', to: 'now' })
    .readonly();
}

/** Lines over time. A third of the width, unless said otherwise. */
export function lines(title: string, unit: string, all: readonly Line[], span = third): Builder<Panel> {
  const panel = new Timeseries()
    .title(title)
    .unit(unit)
    .datasource(prometheus)
    .min(0)
    .fillOpacity(8)
    .span(span)
    .height(height);
  all.forEach(([legend, expression], i) => {
    const refId = String.fromCharCode(65 + i);
    panel.withTarget(
      new PrometheusQuery().refId(refId).expr(expression).legendFormat(legend).datasource(prometheus),
    );
  });
  return panel;
}

/** One figure, as it is now. */
export function figure(title: string, unit: string, expression: string): Builder<Panel> {
  return new Stat()
    .title(title)
    .unit(unit)
    .datasource(prometheus)
    .withTarget(new PrometheusQuery().refId('A').expr(expression).instant().datasource(prometheus))
    .span(4)
    .height(4);
}

/** Log lines of a process or all, by a filter of LogQL. */
export function logs(title: string, query: string): Builder<Panel> {
  return new Logs()
    .title(title)
    .datasource(loki)
    .withTarget(new LokiQuery().refId('A').expr(query).datasource(loki))
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .span(24)
    .height(9);
}

/** Lets the reader choose one of the values that a label has. */
export function choice(name: string, label: string, metric: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(prometheus)
    .query(`label_values(${metric}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

/** The quantiles of a histogram's rate, for the lines of a panel. */
export function quantiles(metric: string, matchers = ''): Line[] {
  return [0.5, 0.95, 0.99].map((q) => [
    `p${q * 100}`,
    `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket{${matchers}}[$__rate_interval])))`,
  ]);
}
