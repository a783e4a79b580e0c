import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { UsageError } from '../../scripts/console/errors.ts';
import { scaleDurations } from '../../scripts/lab/alerts/durations.ts';
import { readAlertsOptions } from '../../scripts/lab/alerts/options.ts';
import { scenes } from '../../scripts/lab/alerts/scenes.ts';
import { findProgram } from '../../scripts/launcher/servers/find.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

type Rule = {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: Readonly<Record<string, string>>;
};
const rulesOf = (name: string): Rule[] =>
  parse(read(`deploy/prometheus/rules/${name}.yml`)).groups.flatMap(
    (group: { rules: Rule[] }) => group.rules,
  );
const alerts = rulesOf('alerts');
const recorded = rulesOf('recording');
const names = alerts.map(({ alert }) => alert!);
/** It always fires, so nobody can cause or end it. */
const provable = names.filter((name) => name !== 'CardstockWatchdog');

/** The path of a program, or undefined after a plain sentence in the log. */
function toolFor(t: ExecutionContext, name: string, debian: string): string | undefined {
  const found = findProgram(name);
  if (!found) {
    t.log(`There is no ${name} on PATH, so this was not checked; Debian's package is ${debian}.`);
    t.pass();
  }
  return found;
}

test('promtool accepts the configuration and the rules, and each fault raises exactly the alerts it should', async (t) => {
  const promtool = toolFor(t, 'promtool', 'prometheus');
  if (!promtool) return;
  const check = (...args: string[]) => run(promtool, args, { cwd: `${root}deploy/prometheus` });
  await t.notThrowsAsync(check('check', 'config', '--lint-fatal', 'prometheus.yml'));
  await t.notThrowsAsync(
    check('check', 'rules', '--lint-fatal', ...globSync(`${root}deploy/prometheus/rules/*`)),
  );
  const { stdout } = await check('test', 'rules', 'tests/alerts.test.yml');
  t.regex(stdout, /SUCCESS/);
});

test('Alertmanager accepts its configuration', async (t) => {
  const alertmanager = toolFor(t, 'amtool', 'prometheus-alertmanager');
  if (alertmanager)
    await t.notThrowsAsync(run(alertmanager, ['check-config', `${root}deploy/prometheus/alertmanager.yml`]));
});

test('each alert has a severity, a page of the runbook, a test and a scene that proves it', (t) => {
  const tests = read('deploy/prometheus/tests/alerts.test.yml');
  const runbook = read('docs/runbook.md');
  const proven = Object.values(scenes).flatMap((scene) => scene.alerts);
  for (const { alert, labels, annotations } of alerts) {
    t.regex(labels!.severity, /^(page|ticket|none)$/, alert);
    t.is(annotations!.runbook, `docs/runbook.md#${alert!.toLowerCase()}`);
    t.regex(
      runbook,
      new RegExp(`^### ${alert}\n\\*\\*Means\\*\\* .+ \\*\\*Look\\*\\* .+ \\*\\*Do\\*\\* `, 'm'),
    );
  }
  for (const name of provable) t.true(tests.includes(`alertname="${name}"`), `${name} has no test`);
  t.deepEqual(proven.sort(), [...provable].sort());
  t.deepEqual([...runbook.matchAll(/^### (\w+)$/gm)].map(([, name]) => name).sort(), [...names].sort());
});

test('Alertmanager knows the alerts that it leaves out', (t) => {
  const text = read('deploy/prometheus/alertmanager.yml');
  const named = [...text.matchAll(/Cardstock\w+/g)].map(([name]) => name);
  t.true(named.length > 5);
  for (const name of named)
    t.true(
      names.some((alert) => alert.startsWith(name)),
      name,
    );
});

test('rules use no metric that docs/metrics.md does not list, and no recorded one that is not recorded', (t) => {
  const documented = new Set(
    [...read('docs/metrics.md').matchAll(/^\| `(cardstock_\w+)` /gm)].map(([, name]) => name),
  );
  const known = new Set(recorded.map(({ record }) => record));
  for (const { expr } of [...alerts, ...recorded])
    for (const [name] of expr.matchAll(/(?:\w+:)?cardstock[_:][\w:]+/g))
      t.true(known.has(name) || documented.has(name.replace(/_(bucket|count|sum)$/, '')), name);
});

test('a proof divides every duration of the rules, but keeps three scrapes', (t) => {
  const text = 'expr: increase(x[5m]) > 0 and y[6h]\n        for: 15m\n';
  t.is(scaleDurations(text, 20), 'expr: increase(x[15s]) > 0 and y[1080s]\n        for: 45s\n');
  t.is(scaleDurations('        for: 30s\n', 20), '        for: 3s\n');
});

test('a scene that there is not is refused by its name', (t) => {
  t.throws(() => readAlertsOptions(['--scenes', 'kill-api,rain']), {
    ...{ instanceOf: UsageError, message: /"rain" is none of kill-api, / },
  });
});
