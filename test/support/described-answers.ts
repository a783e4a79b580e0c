import { isDeepStrictEqual } from 'node:util';
import type { RouteName } from '../../api/auth/permissions.ts';
import { type Described, refusal } from '../../api/openapi/described.ts';
import { described, refusalsOf } from '../../api/openapi/document.ts';

type Route = { readonly name: RouteName; readonly method: string; readonly path: RegExp };

/** Paths without parameters come first, as the router has them. */
const routes: readonly Route[] = (Object.keys(described) as RouteName[])
  .map((name) => {
    const [method, pattern] = name.split(' ') as [string, string];
    return { name, method, path: new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`) };
  })
  .sort((a, b) => Number(a.name.includes(':')) - Number(b.name.includes(':')));

/** What any request may meet, whatever its route: it is too long, too slow, or the exchange fails. */
const always = [408, 413, 429, 431, 500, 503];

/** Throws if an answer is not as the description of the API says. What no route answers is not looked at. */
export function holdAgainstDescription(method: string, target: string, status: number, body: unknown): void {
  const path = target.replace(/[?#].*$/, '');
  const route = routes.find((each) => each.method === method && each.path.test(path));
  if (!route) return;
  const { status: done = 200, answer, also }: Described = described[route.name];
  const isExpected = status === done || also?.[status] || always.includes(status);
  if (!isExpected && !refusalsOf(route.name, described[route.name]).includes(status))
    throw new Error(`${route.name} answered ${status}, which is not described: ${JSON.stringify(body)}`);
  const schema = status === done ? answer : (also?.[status] ?? refusal);
  const read = schema?.safeParse(body);
  if (read && !read.success)
    throw new Error(`${route.name} answered ${status} otherwise than described: ${read.error.message}`);
  // A schema leaves out the fields that it does not name.
  if (read && !isDeepStrictEqual(read.data, body))
    throw new Error(`${route.name} answered ${status} more than is described: ${JSON.stringify(body)}`);
}
