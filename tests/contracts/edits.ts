import { type Json } from '../../emulators/common/types.ts';

type Mutable = null | boolean | number | string | Mutable[] | { [key: string]: Mutable };

/** The keys by which a pointer may name an element of a list, as the contracts' README says. */
const names = ['id', 'key', 'token', 'secret'] as const;

function segments(pointer: string): string[] {
  if (!pointer.startsWith('/')) throw new Error(`a path begins with "/": ${pointer}`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexOf(list: readonly Mutable[], segment: string): number {
  return list.findIndex(
    (element) =>
      typeof element === 'object' &&
      element !== null &&
      !Array.isArray(element) &&
      names.some((name) => element[name] !== undefined && String(element[name]) === segment),
  );
}

function child(parent: Mutable, segment: string, create: boolean): Mutable | undefined {
  if (Array.isArray(parent)) {
    const index = indexOf(parent, segment);
    if (index >= 0 || !create) return parent[index];
    const made = { id: /^\d+$/.test(segment) ? Number(segment) : segment };
    parent.push(made);
    return made;
  }
  if (typeof parent !== 'object' || parent === null) return undefined;
  const found = parent[segment];
  if (found !== undefined || !create) return found;
  return (parent[segment] = {});
}

function parentOf(world: Mutable, pointer: string, create: boolean): { parent: Mutable; last: string } {
  const path = segments(pointer);
  const last = path.pop() ?? '';
  let parent: Mutable = world;
  for (const segment of path) {
    const next = child(parent, segment, create);
    if (next === undefined) throw new Error(`${pointer}: there is no "${segment}" in the world`);
    parent = next;
  }
  return { parent, last };
}

function set(world: Mutable, pointer: string, value: Mutable): void {
  const { parent, last } = parentOf(world, pointer, true);
  if (Array.isArray(parent)) {
    const index = indexOf(parent, last);
    if (index >= 0) parent[index] = value;
    else parent.push(value);
  } else if (typeof parent === 'object' && parent !== null) parent[last] = value;
  else throw new Error(`${pointer}: its parent is neither a list nor an object`);
}

function add(world: Mutable, pointer: string, value: Mutable): void {
  const { parent, last } = parentOf(world, pointer, true);
  const list = Array.isArray(parent)
    ? child(parent, last, false)
    : typeof parent === 'object' && parent !== null
      ? (parent[last] ??= [])
      : undefined;
  if (!Array.isArray(list)) throw new Error(`${pointer} is no list of the world`);
  list.push(value);
}

function remove(world: Mutable, pointer: string): void {
  const { parent, last } = parentOf(world, pointer, false);
  if (Array.isArray(parent)) {
    const index = indexOf(parent, last);
    if (index < 0) throw new Error(`${pointer}: no such element`);
    parent.splice(index, 1);
  } else if (typeof parent === 'object' && parent !== null && last in parent)
    Reflect.deleteProperty(parent, last);
  else throw new Error(`${pointer}: no such key`);
}

/** A copy of the world with the steps `set`, `add` and `remove` applied in order; other steps are left for later. */
export function editedWorld(world: Json, setup: readonly Readonly<Record<string, Json>>[]): Json {
  const copy = structuredClone(world) as Mutable;
  for (const step of setup) {
    const value = structuredClone(step['value'] ?? null) as Mutable;
    if (typeof step['set'] === 'string') set(copy, step['set'], value);
    else if (typeof step['add'] === 'string') add(copy, step['add'], value);
    else if (typeof step['remove'] === 'string') remove(copy, step['remove']);
  }
  return copy;
}
