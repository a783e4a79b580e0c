import type { PageFile } from '../http/page-files.ts';

/** A page to try GraphQL on. It is as strict as `/docs`: nothing inline, nothing from elsewhere. */
export const explorerPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Cardstock GraphQL</title>
    <link rel="stylesheet" href="/graphql/explorer.css">
  </head>
  <body>
    <header><h1>Cardstock GraphQL</h1><button id="run" type="button">Run (Ctrl-Enter)</button><button id="stop" type="button" disabled>Stop</button></header>
    <main>
      <section>
        <label>Operation<textarea id="query" spellcheck="false"></textarea></label>
        <label>Variables<textarea id="variables" spellcheck="false">{}</textarea></label>
        <label>Bearer token, unless a session is there<input id="token" type="password" autocomplete="off"></label>
      </section>
      <section><label>Answer<output id="answer"></output></label></section>
      <section><label>Schema<pre id="schema" tabindex="0"></pre></label></section>
    </main>
    <script src="/graphql/explorer.js"></script>
  </body>
</html>
`;

const script = `'use strict';
const field = (id) => document.getElementById(id);
const query = field('query');
query.value = [
  '{',
  '  products(first: 4) {',
  '    nodes { id ticker { price bid ask } book(depth: 3) { bids { price size } asks { price size } } }',
  '  }',
  '}',
].join('\\n');
let running = null;

async function run() {
  if (running) running.abort();
  const asking = new AbortController();
  running = asking;
  field('stop').disabled = false;
  const answer = field('answer');
  answer.textContent = '';
  try {
    const token = field('token').value;
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        // A subscription is answered event by event.
        accept: 'application/json, text/event-stream;q=0.5',
        ...(token === '' ? {} : { authorization: 'Bearer ' + token }),
      },
      body: JSON.stringify({ query: query.value, variables: JSON.parse(field('variables').value || '{}') }),
      signal: asking.signal,
    });
    if ((response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
      for await (const part of response.body.pipeThrough(new TextDecoderStream()))
        answer.textContent = (part + answer.textContent).slice(0, 100000);
    } else answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    if (!asking.signal.aborted) answer.textContent = String(error);
  } finally {
    if (running === asking) field('stop').disabled = true;
  }
}

field('run').addEventListener('click', run);
field('stop').addEventListener('click', () => running && running.abort());
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
});
fetch('/graphql/schema.graphql')
  .then((response) => response.text())
  .then((text) => { field('schema').textContent = text; });
`;

const style = `:root { color-scheme: light dark; font: 14px system-ui, sans-serif; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; }
header { display: flex; gap: 8px; align-items: center; padding: 8px 16px; }
h1 { font-size: 16px; margin: 0 auto 0 0; }
main { flex: 1; min-height: 0; display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; padding: 0 16px 16px; }
section { display: flex; flex-direction: column; gap: 8px; min-height: 0; }
label { display: flex; flex-direction: column; gap: 4px; min-height: 0; }
label:first-child { flex: 1; }
textarea, output, pre { flex: 1; margin: 0; min-height: 80px; overflow: auto; padding: 8px; border: 1px solid; font: 13px ui-monospace, monospace; white-space: pre; }
@media (max-width: 800px) { body { height: auto; } main { grid-template-columns: 1fr; } }
`;

export const explorerFiles: readonly [string, PageFile][] = [
  ['explorer.js', { type: 'text/javascript', read: () => script }],
  ['explorer.css', { type: 'text/css', read: () => style }],
];
