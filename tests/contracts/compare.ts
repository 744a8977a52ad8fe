import { type Json } from '../../emulators/common/types.ts';

/** One thing that differs: where (a JSON Pointer into the answer), what was wanted and what came. */
export interface Difference {
  readonly where: string;
  readonly wanted: string;
  readonly got: string;
}

/**
 * What a machine can tell to be a fact of a case, not an invented value: texts and ids that the world or the request
 * hold, values that a sentence of `must` names, and the word of the envelope (`result`). Errors (code and text) are
 * facts always.
 */
export interface Facts {
  readonly world: ReadonlySet<string>;
  readonly worldIds: ReadonlySet<string>;
  /** Times of the world, with the keys that they stand under. */
  readonly worldMoments: ReadonlyMap<string, ReadonlySet<string>>;
  readonly request: ReadonlySet<string>;
  readonly must: readonly string[];
  readonly bodyMayBeEmpty: boolean;
  readonly errorTextFree: boolean;
}

const idKey = /^(id|ID|key|.*(Id|_id|_ID))$/;
const errorKey = /^(error|code|error_description|message)$/;
/** Secrets are given out anew each time. */
const secretKey = /^(access_token|refresh_token)$/;
const momentText = /^(\d{4}-\d\d-\d\d[T ]|\d\d-\d\d-\d{4}|\d\d:\d\d$)/;

function eachLeaf(value: Json, key: string, visit: (key: string, text: string) => void): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value !== 'object') visit(key, String(value));
  else if (Array.isArray(value)) for (const inner of value as readonly Json[]) eachLeaf(inner, '', visit);
  else for (const [name, inner] of Object.entries(value)) eachLeaf(inner as Json, name, visit);
}

/** `changedDate`, `CHANGED_DATE` and a world's `changed` speak of the same thing. */
function plainKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z]/g, '');
}

function collect(value: Json | undefined, into: Set<string>): void {
  if (value === undefined || value === null || typeof value === 'boolean') return;
  if (typeof value !== 'object') into.add(String(value));
  else for (const inner of Object.values(value)) collect(inner as Json, into);
}

export function scalarsOf(...values: readonly (Json | undefined)[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const value of values) collect(value, found);
  return found;
}

export function factsOf(options: {
  readonly world: Json;
  readonly request: Json;
  readonly must: readonly string[];
}): Facts {
  const { next_ids: _counters, ...world } = options.world as Readonly<Record<string, Json>>;
  const worldIds = new Set<string>();
  const worldMoments = new Map<string, Set<string>>();
  eachLeaf(world, '', (key, text) => {
    if (idKey.test(key)) worldIds.add(text);
    if (!momentText.test(text)) return;
    const keys = worldMoments.get(text) ?? new Set();
    worldMoments.set(text, keys.add(plainKey(key)));
  });
  return {
    world: scalarsOf(world),
    worldIds,
    worldMoments,
    request: scalarsOf(options.request),
    must: options.must,
    bodyMayBeEmpty: options.must.some((sentence) => /body .*may (also )?be empty/.test(sentence)),
    errorTextFree: options.must.some((sentence) => /text of the error is not documented/.test(sentence)),
  };
}

function words(sentence: string): string[] {
  return sentence
    .replace(/\bnot \S+/g, '')
    .split(/[^\p{L}\p{N}_:\-[\]/.]+/u)
    .map((word) => word.replace(/^[.:]+|[.:]+$/g, ''));
}

function named(sentence: string, value: string): boolean {
  return value.includes(' ') ? sentence.includes(value) : words(sentence).includes(value);
}

/** The sentence of `must` that makes a value a fact, if any; a truth value needs its key named beside it. */
function sentenceNaming(facts: Facts, key: string, value: Json): string | undefined {
  const text = String(value);
  if (text === '') return undefined;
  if (typeof value === 'boolean')
    return facts.must.find((sentence) => named(sentence, key) && named(sentence, text));
  return facts.must.find((sentence) => named(sentence, text));
}

function isFact(facts: Facts, key: string, value: Json): boolean {
  if (typeof value === 'boolean' || value === null || typeof value === 'object') return false;
  const text = String(value);
  if (key === 'result' && typeof value === 'string') return true;
  if (idKey.test(key) && (facts.worldIds.has(text) || facts.request.has(text))) return true;
  if (typeof value !== 'string' || text.length < 2 || !/\p{L}|:/u.test(text)) return false;
  if (secretKey.test(key)) return false;
  if (!momentText.test(text)) return facts.world.has(text) || facts.request.has(text);
  if (facts.request.has(text)) return true;
  const known = [...(facts.worldMoments.get(text) ?? [])];
  return known.some((name) => name !== '' && plainKey(key).startsWith(name));
}

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function shown(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

interface Place {
  readonly where: string;
  readonly key: string;
  readonly inError: boolean;
}

function compareLeaf(expected: Json, actual: Json, place: Place, facts: Facts): Difference[] {
  if (Object.is(expected, actual)) return [];
  const difference = { where: place.where, wanted: shown(expected), got: shown(actual) };
  if (place.inError && errorKey.test(place.key)) {
    if (facts.errorTextFree && place.key === 'error_description') return [];
    const alternative = facts.must.some((sentence) => named(sentence, String(actual)));
    return alternative ? [] : [difference];
  }
  const sentence = sentenceNaming(facts, place.key, expected);
  if (sentence !== undefined)
    return named(sentence, String(actual))
      ? []
      : [{ ...difference, wanted: `${shown(expected)} (must: ${sentence})` }];
  return isFact(facts, place.key, expected) ? [difference] : [];
}

function compareAt(expected: Json, actual: Json | undefined, place: Place, facts: Facts): Difference[] {
  if (actual === undefined)
    return expected === null ? [] : [{ where: place.where, wanted: shown(expected), got: 'nothing' }];
  if (typeOf(expected) !== typeOf(actual))
    return [
      {
        where: place.where,
        wanted: `${typeOf(expected)} ${shown(expected)}`,
        got: `${typeOf(actual)} ${shown(actual)}`,
      },
    ];
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const [wanted, got] = [expected as readonly Json[], actual as readonly Json[]];
    if (wanted.length !== got.length)
      return [
        {
          where: place.where,
          wanted: `${String(wanted.length)} elements ${shown(expected)}`,
          got: `${String(got.length)} elements ${shown(actual)}`,
        },
      ];
    return wanted.flatMap((element, index) =>
      compareAt(element, got[index], { ...place, where: `${place.where}/${String(index)}` }, facts),
    );
  }
  if (typeof expected === 'object' && expected !== null) {
    const got = actual as Readonly<Record<string, Json>>;
    const inError =
      place.inError ||
      'error' in expected ||
      ('code' in expected && 'message' in expected && place.key === 'error');
    return Object.entries(expected as Readonly<Record<string, Json>>).flatMap(([key, inner]) =>
      compareAt(inner, got[key], { where: `${place.where}/${key}`, key, inError }, facts),
    );
  }
  return compareLeaf(expected, actual, place, facts);
}

/** Compares an answer's body with the case's: shapes always, values where they are facts. */
export function compareBody(expected: Json, actual: Json, facts: Facts, where = '/body'): Difference[] {
  return compareAt(expected, actual, { where, key: '', inError: false }, facts);
}

function mediaType(value: string): string {
  return (value.split(';')[0] ?? '').trim().toLowerCase();
}

function compareLocation(expected: string, actual: string, facts: Facts): boolean {
  if (!URL.canParse(expected) || !URL.canParse(actual)) return expected === actual;
  const [wanted, got] = [new URL(expected), new URL(actual)];
  const knownHost = [...facts.world].some((text) => text.includes(wanted.host));
  if (knownHost && (wanted.host !== got.host || wanted.pathname !== got.pathname)) return false;
  return [...wanted.searchParams].every(([name, value]) =>
    facts.world.has(value) || facts.request.has(value)
      ? got.searchParams.get(name) === value
      : !knownHost || got.searchParams.has(name),
  );
}

/** Compares the headers that a case shows: media types, redirects by what of them is a fact, others as they are. */
export function compareHeaders(
  expected: Readonly<Record<string, string>>,
  actual: Readonly<Record<string, string>>,
  facts: Facts,
): Difference[] {
  const got = new Map(Object.entries(actual).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const value = got.get(name.toLowerCase());
    const same =
      value !== undefined &&
      (name.toLowerCase() === 'content-type'
        ? mediaType(wanted) === mediaType(value)
        : name.toLowerCase() === 'location'
          ? compareLocation(wanted, value, facts)
          : wanted === value);
    return same ? [] : [{ where: `/headers/${name}`, wanted, got: value ?? 'nothing' }];
  });
}
