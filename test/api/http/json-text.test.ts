import test from 'ava';
import { checkJson } from '../../../api/http/json-text.ts';

const amounts = new Set(['price']);
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

const withKeys = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])));

const fine = [
  '{}',
  '[]',
  '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}',
  '{"a":"{\\"a\\":1,\\"a\\":2}","b":"\\\\"}',
  '[{"price":1.25},{"price":-0.000000000000125},{"price":0}]',
  '{"other":1e400,"b":12345678901234567890}',
  '{"a":[1,2,3],"b":["a","a"],"c":""}',
  '{"a":"\\\\\\"","b":"\\\\\\\\","c":1}',
  deep(32),
  withKeys(100),
];
for (const text of fine)
  test(`nothing is wrong with ${text.slice(0, 60)}`, (t) => {
    t.notThrows(() => JSON.parse(text));
    t.is(checkJson(text, amounts), null);
  });

const wrong: [text: string, index: number | null, message: RegExp][] = [
  ['{"a":1,"a":2}', null, /^Duplicate key "a"$/],
  ['{"a":1, "\\u0061" :2}', null, /^Duplicate key "a"$/],
  ['{"b":{"a":1,"a":2}}', null, /^Duplicate key "a"$/],
  ['[{"a":1},{"b":[1,{"c":1},2],"a":1,"a":2}]', 1, /^Duplicate key "a"$/],
  ['{"price":1e2}', null, /^Invalid price: as a number it is not exact/],
  ['{"price":1e400}', null, /^Invalid price: /],
  ['{"price":1.0000000000000001}', null, /^Invalid price: /],
  ['[{"price":1},{"price":1},{"price":9007199254740993}]', 2, /^Invalid price: /],
  ['{"a":"\\\\\\"","b":"\\\\\\\\","b":1}', null, /^Duplicate key "b"$/],
  [withKeys(101), null, /^More than 100 keys in an object$/],
  [deep(33), 0, /^Nested more than 32 levels deep$/],
  [`{"a":${deep(100_000)}}`, null, /^Nested more than 32 levels deep$/],
];
for (const [text, index, message] of wrong)
  test(`found in ${text.slice(0, 60)}: ${message.source}`, (t) => {
    t.notThrows(() => JSON.parse(text));
    const problem = checkJson(text, amounts);
    t.is(problem?.index, index);
    t.regex(problem?.message ?? '', message);
  });
