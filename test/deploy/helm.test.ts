import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { findProgram } from '../../scripts/launcher/servers/find.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const chart = `${root}deploy/helm/cardstock`;
const here = `${root}test/deploy/helm`;
const run = promisify(execFile);

type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own
  readonly spec?: any;
  data?: Record<string, string>;
};

/** The path of helm, or undefined after a plain sentence in the log. */
function helmFor(t: ExecutionContext): string | undefined {
  const helm = findProgram('helm');
  if (!helm) {
    t.log(
      'There is no helm on PATH, so the chart was not rendered; its golden files were checked as they are.',
    );
    t.pass();
  }
  return helm;
}

const manifestsOf = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest)
    .filter((manifest) => manifest !== null);

/** In a definite order, and without the texts of rules and dashboards, which have tests of their own. */
function goldenOf(rendered: string): string {
  const manifests = manifestsOf(rendered).map((manifest) => {
    if (manifest.kind === 'PrometheusRule')
      return { ...manifest, spec: { groups: manifest.spec.groups.length } };
    return manifest.kind === 'ConfigMap' ? { ...manifest, data: Object.keys(manifest.data!) } : manifest;
  });
  const name = ({ kind, metadata }: { kind: string; metadata: { name: string } }) =>
    `${kind}/${metadata.name}`;
  manifests.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  return manifests.map((manifest) => stringify(manifest)).join('---\n');
}

for (const values of globSync(`${here}/*.values.yaml`).sort()) {
  const golden = values.replace('.values.', '.golden.');
  const name = basename(values, '.values.yaml');

  test(`the chart with ${name} values comes to its golden file`, async (t) => {
    const helm = helmFor(t);
    if (!helm) return;
    const { stdout } = await run(helm, ['template', 'trade', chart, '--values', values], { maxBuffer: 1e8 });
    const rendered = goldenOf(stdout);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, rendered);
    t.is(
      rendered,
      readFileSync(golden, 'utf8'),
      'UPDATE_GOLDEN=1 npm test -- test/deploy/helm.test.ts writes it anew',
    );
  });

  test(`every manifest with ${name} values is of its type`, async (t) => {
    for (const manifest of manifestsOf(readFileSync(golden, 'utf8'))) {
      if (Array.isArray(manifest.data)) manifest.data = {};
      if (manifest.apiVersion.startsWith('monitoring.coreos.com/')) continue; // a custom resource
      const models = await import(`kubernetes-models/${manifest.apiVersion}`);
      t.notThrows(
        () => new models[manifest.kind](manifest).validate(),
        `${manifest.kind} ${manifest.metadata.name}`,
      );
    }
  });
}

test('helm has nothing to say of the chart, and refuses values that mean nothing', async (t) => {
  const helm = helmFor(t);
  if (!helm) return;
  await t.notThrowsAsync(run(helm, ['lint', '--strict', chart]));
  for (const wrong of ['api.replica=2', 'shards={Main}', 'image.digest=latest', 'settings.RUN_SIZE=5'])
    await t.throwsAsync(
      run(helm, ['template', 'trade', chart, '--set', wrong]),
      { message: /schema/ },
      wrong,
    );
});

test('no pod of the chart may write, become root or hold a token of the cluster', (t) => {
  const pods = manifestsOf(readFileSync(`${here}/everything.golden.yaml`, 'utf8'))
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map(({ spec }) => spec.template.spec);
  t.is(pods.length, 5);
  for (const { securityContext, automountServiceAccountToken, containers } of pods) {
    t.true(securityContext.runAsNonRoot);
    t.false(automountServiceAccountToken);
    for (const { securityContext: own, resources } of containers) {
      t.deepEqual(own, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      t.truthy(resources.limits.memory);
    }
  }
});

test('the chart has the version of the project', (t) => {
  const { version, appVersion } = parse(readFileSync(`${chart}/Chart.yaml`, 'utf8'));
  const own = JSON.parse(readFileSync(`${root}package.json`, 'utf8')).version;
  t.deepEqual([version, appVersion], [own, own]);
});
