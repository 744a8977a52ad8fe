/** From a request to its handler, and from a refusal to its answer. */
import { type Described, type EmulatorRequest, type EmulatorResponse } from '../common/types.ts';
import {
  actorOfToken,
  authenticate,
  hasScope,
  ownDomainRedirect,
  remainingHeader,
  spendRequest,
  tokenOf,
} from './access.ts';
import { readBody, refused, Refusal, success, type JsonObject } from './answers.ts';
import { checklistRoutes } from './checklists.ts';
import { commentRoutes } from './comments.ts';
import { contactRoutes } from './contacts.ts';
import { customFieldRoutes } from './customFields.ts';
import { dataTagRoutes } from './dataTags.ts';
import { directoryRoutes } from './directories.ts';
import { fileRoutes, storageAnswer } from './files.ts';
import { incomingAnswer, isIncoming } from './incoming.ts';
import { peopleRoutes } from './people.ts';
import { projectRoutes } from './projects.ts';
import { referenceRoutes } from './references.ts';
import { type Route } from './routes.ts';
import { type State, type Step } from './state.ts';
import { statusRoutes } from './statuses.ts';
import { taskRoutes } from './tasks.ts';

const BASE = '/rest';

export const allRoutes: readonly Route[] = [
  { method: 'GET', path: '/ping', write: false, run: () => success() },
  ...taskRoutes,
  ...commentRoutes,
  ...fileRoutes,
  ...checklistRoutes,
  ...dataTagRoutes,
  ...peopleRoutes,
  ...contactRoutes,
  ...statusRoutes,
  ...customFieldRoutes,
  ...projectRoutes,
  ...directoryRoutes,
  ...referenceRoutes,
];

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** Routes by their number of segments; those with fewer placeholders first. */
const table: ReadonlyMap<number, readonly Compiled[]> = compile();

function compile(): Map<number, Compiled[]> {
  const holes = (segments: readonly string[]) => segments.filter((segment) => segment.startsWith('{')).length;
  const byLength = new Map<number, Compiled[]>();
  for (const route of allRoutes) {
    const segments = route.path.slice(1).split('/');
    byLength.set(segments.length, [...(byLength.get(segments.length) ?? []), { route, segments }]);
  }
  for (const routes of byLength.values()) routes.sort((a, b) => holes(a.segments) - holes(b.segments));
  return byLength;
}

interface Found {
  readonly route: Route;
  readonly params: readonly string[];
}

function matches(compiled: Compiled, segments: readonly string[]): string[] | undefined {
  const params: string[] = [];
  for (const [index, wanted] of compiled.segments.entries()) {
    const given = segments[index] ?? '';
    if (wanted.startsWith('{')) {
      if (given === '') return undefined;
      params.push(given);
    } else if (wanted !== given) return undefined;
  }
  return params;
}

/**
 * The route of a path. The document ends some paths with a slash and others not; programs that live accounts serve send
 * them either way.
 */
function find(method: string, path: string): Found | 'other method' | undefined {
  const found = exact(method, path);
  if (typeof found === 'object') return found;
  const twin = exact(method, path.endsWith('/') ? path.slice(0, -1) : `${path}/`);
  return typeof twin === 'object' ? twin : (found ?? twin);
}

function exact(method: string, path: string): Found | 'other method' | undefined {
  const segments = path.slice(1).split('/').map(decoded);
  let known = false;
  for (const compiled of table.get(segments.length) ?? []) {
    const params = matches(compiled, segments);
    if (params === undefined) continue;
    if (compiled.route.method === method) return { route: compiled.route, params };
    known = true;
  }
  return known ? 'other method' : undefined;
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    // A broken escape is no name of anything: it stays as it came.
    if (error instanceof URIError) return segment;
    throw error;
  }
}

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

const NO_QUERY = new URLSearchParams();

function split(target: string): Target {
  const at = target.indexOf('?');
  if (at < 0) return { path: target, query: NO_QUERY };
  return { path: target.slice(0, at), query: new URLSearchParams(target.slice(at + 1)) };
}

/** The answer to any request at the account's address. */
export function answerRequest(step: Step, request: EmulatorRequest): EmulatorResponse {
  const { state, now } = step;
  const { path, query } = split(request.target);
  if (path.startsWith('/storage/')) return storageAnswer(state, request, path, query, now);
  const redirect = ownDomainRedirect(state, request);
  if (redirect !== undefined) return redirect;
  if (isIncoming(path)) return incomingAnswer(step, request, path, query);
  if (!path.startsWith(`${BASE}/`)) return refused(new Refusal(404, 0, 'Not found'));
  return restAnswer(step, request, path.slice(BASE.length), query);
}

function restAnswer(
  step: Step,
  request: EmulatorRequest,
  path: string,
  query: URLSearchParams,
): EmulatorResponse {
  const { state, now } = step;
  const found = find(request.method, path);
  const list = typeof found === 'object' && found.route.list === true;
  const limits = remainingHeader(state, now);
  let response: EmulatorResponse;
  try {
    const token = authenticate(state, request, query);
    spendRequest(state, token, now);
    if (found === undefined) throw new Refusal(404, 0, 'Not found');
    if (found === 'other method') throw new Refusal(405, 0, 'Method not allowed');
    if (!hasScope(token, found.route.scope)) throw new Refusal(405, 5, 'Scope denied, method not allowed');
    const actor = actorOfToken(state, token);
    const body: JsonObject = needsBody(found.route) ? readBody(request.body, badJsonStatus(state, list)) : {};
    response = found.route.run({ ...step, request, query, actor, params: found.params, body });
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    // List methods report errors as 500, even a missing task (section 3).
    const status = list && refusal.status === 400 ? 500 : refusal.status;
    response = refused(new Refusal(status, refusal.code, refusal.message, refusal.extra));
  }
  return { ...response, headers: { ...response.headers, ...limits } };
}

function needsBody(route: Route): boolean {
  return route.method === 'POST' && route.raw !== true;
}

function badJsonStatus(state: State, list: boolean): number {
  return list && state.settings['errors.badJson'] === '500 on lists' ? 500 : 400;
}

/** What a request is, for the access log, for faults and for counting. */
export function describeRequest(state: State, request: EmulatorRequest): Described {
  const { path, query } = split(request.target);
  const below = path.startsWith(`${BASE}/`) ? path.slice(BASE.length) : undefined;
  const concrete = `${request.method} ${below ?? path}`;
  if (below === undefined) {
    return { operations: [concrete], write: isIncoming(path), rest: false };
  }
  const found = find(request.method, below);
  const token = tokenOf(state, request, query);
  const general = typeof found === 'object' ? `${found.route.method} ${found.route.path}` : concrete;
  return {
    operations: general === concrete ? [concrete] : [concrete, general],
    write: typeof found === 'object' && found.route.write,
    rest: true,
    ...(token === undefined ? {} : { actor: token.user }),
  };
}
