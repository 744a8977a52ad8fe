/** The names that an expression of a template uses, from its syntax tree. */

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `задача.срок` of a member expression; null when it does not begin with a name (`строки[0].имя` ends at `строки`). */
function pathOf(node: Node): string[] | null {
  if (node['type'] === 'Identifier') return [String(node['name'])];
  const { object, property } = node;
  if (node['type'] !== 'MemberExpression' || node['computed'] === true) return null;
  if (!isNode(object) || !isNode(property)) return null;
  const before = pathOf(object);
  return before && [...before, String(property['name'])];
}

/** Every name with what is asked of it, names in filters' arguments included. */
export function namesIn(tree: unknown): string[][] {
  if (Array.isArray(tree)) return tree.flatMap(namesIn);
  if (!isNode(tree)) return [];
  const path = pathOf(tree);
  if (path) return [path];
  switch (tree['type']) {
    case 'FilterExpression':
      return namesIn(tree['arguments']);
    case 'MemberExpression':
      return [...namesIn(tree['object']), ...(tree['computed'] === true ? namesIn(tree['property']) : [])];
    case 'Property':
      return namesIn(tree['value']);
    default:
      return Object.values(tree).flatMap(namesIn);
  }
}
