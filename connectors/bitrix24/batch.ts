/**
 * Calls as plain data, and their form inside `batch`: one text per call, parameters percent-encoded once, nested values
 * in PHP brackets (b24restdocs: settings/how-to-call-rest-api/batch.md).
 */

/** A value of an earlier call of the same run, named by its key and the path into its result. */
export interface Reference {
  readonly ref: string;
  readonly path: readonly string[];
}

export type Param =
  null | boolean | number | string | Reference | readonly Param[] | { readonly [key: string]: Param };

export type Params = { readonly [key: string]: Param };

export interface Command {
  /** Letters and digits, unique in its run. */
  readonly key: string;
  readonly method: string;
  /** Order matters: methods that begin with `task.` read their parameters by position. */
  readonly params: Params;
}

/** Most commands of one batch. */
export const batchMax = 50;

export const reference = (ref: string, ...path: string[]): Reference => ({ ref, path });

const isReference = (value: Param): value is Reference =>
  typeof value === 'object' && value !== null && 'ref' in value && 'path' in value;

function scalar(value: null | boolean | number | string): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

function pairs(name: string, value: Param): string[] {
  if (isReference(value)) return [`${name}=$result[${[value.ref, ...value.path].join('][')}]`];
  if (typeof value !== 'object' || value === null) return [`${name}=${encodeURIComponent(scalar(value))}`];
  const inner = Array.isArray(value)
    ? (value as readonly Param[]).map((part, index) => [String(index), part] as const)
    : Object.entries(value as Params);
  return inner.flatMap(([key, part]) => pairs(`${name}[${encodeURIComponent(key)}]`, part));
}

/** `tasks.task.get?taskId=101&select[0]=ID`. */
export function commandText({ method, params }: Pick<Command, 'method' | 'params'>): string {
  const query = Object.entries(params).flatMap(([name, value]) => pairs(encodeURIComponent(name), value));
  return query.length === 0 ? method : `${method}?${query.join('&')}`;
}

/**
 * Whether a call must travel alone, as JSON. A text such as `$result[a][task][title]` would be filled by the server with
 * another task's title, so what a person wrote never goes into a batch with it; and an empty list can't be said in a query.
 */
export function needsOwnCall(value: Param): boolean {
  if (typeof value === 'string') return /\$result/i.test(value);
  if (typeof value !== 'object' || value === null || isReference(value)) return false;
  const inner = Object.entries(value);
  return (
    inner.length === 0 || inner.some(([key, part]) => /\$result/i.test(key) || needsOwnCall(part as Param))
  );
}

export function referencesIn(value: Param): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isReference(value)) return [value.ref];
  return Object.values(value).flatMap((part) => referencesIn(part as Param));
}

/** Fills references from earlier results, for calls that go one by one; undefined when one has no value. */
export function filled(value: Param, results: ReadonlyMap<string, unknown>): Param | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (isReference(value)) {
    let found = results.get(value.ref);
    for (const step of value.path)
      found =
        typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[step] : undefined;
    return typeof found === 'string' || typeof found === 'number' ? found : undefined;
  }
  const inner = Object.entries(value).map(([key, part]) => [key, filled(part as Param, results)] as const);
  if (inner.some(([, part]) => part === undefined)) return undefined;
  return Array.isArray(value)
    ? inner.map(([, part]) => part as Param)
    : Object.fromEntries(inner.map(([key, part]) => [key, part as Param]));
}
