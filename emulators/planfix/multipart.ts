/** Multipart forms, byte for byte. */

export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly content: Uint8Array;
}

/** The parts of a `multipart/form-data` body; empty when the content type names no boundary. */
export function multipartParts(contentType: string | undefined, body: Uint8Array): Part[] {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '');
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) return [];
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${name}`);
  const parts: Part[] = [];
  let at = bytes.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    const next = bytes.indexOf(delimiter, start);
    if (next < 0) break;
    const part = readPart(bytes.subarray(start, next));
    if (part !== undefined) parts.push(part);
    at = next;
  }
  return parts;
}

/** One part: line break, headers, empty line, content, line break. */
function readPart(bytes: Buffer): Part | undefined {
  const headerEnd = bytes.indexOf('\r\n\r\n');
  if (headerEnd < 0) return undefined;
  const headers = bytes.subarray(0, headerEnd).toString('utf8');
  const disposition = /content-disposition:([^\r\n]*)/i.exec(headers)?.[1] ?? '';
  const name = /[;\s]name="((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1];
  if (name === undefined) return undefined;
  const end = bytes.subarray(-2).toString('latin1') === '\r\n' ? bytes.length - 2 : bytes.length;
  return {
    name,
    filename: filenameOf(disposition),
    contentType: /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1]?.trim(),
    content: new Uint8Array(bytes.subarray(headerEnd + 4, end)),
  };
}

function filenameOf(disposition: string): string | undefined {
  const extended = /filename\*=(?:UTF-8|utf-8)''([^;\s]+)/.exec(disposition)?.[1];
  if (extended !== undefined) return decodeURIComponent(extended);
  const plain = /[;\s]filename="((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1];
  // Browsers and undici write quotes as %22 and line breaks as %0D%0A, others escape with a backslash.
  return plain
    ?.replace(/\\(.)/g, '$1')
    .replace(/%22/g, '"')
    .replace(/%0D%0A/gi, ' ');
}
