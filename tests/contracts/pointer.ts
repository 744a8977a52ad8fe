import { type Json } from '../../emulators/common/types.ts';

function inList(list: readonly Json[], segment: string): Json | undefined {
  const named = list.find(
    (element) =>
      typeof element === 'object' &&
      element !== null &&
      ['id', 'ID', 'key'].some(
        (name) => String((element as Readonly<Record<string, Json>>)[name]) === segment,
      ),
  );
  return named ?? list[Number(segment)];
}

/** The value at a JSON Pointer; an element of a list is named by its id, or else by its index. */
export function at(value: Json | undefined, pointer: string): Json | undefined {
  let found: Json | undefined = value;
  for (const part of pointer.split('/').slice(1)) {
    const segment = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = inList(found as readonly Json[], segment);
    else if (typeof found === 'object' && found !== null)
      found = (found as Readonly<Record<string, Json>>)[segment];
    else return undefined;
  }
  return found;
}
