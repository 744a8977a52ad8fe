import { type EmulatorResponse, type Fault } from './types.ts';

const json = new TextEncoder();

/** An answer with a JSON body. */
export function jsonResponse(status: number, body: unknown): EmulatorResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: json.encode(JSON.stringify(body)),
  };
}

/** The answer that a fault puts in the place of the account's own; `{"$raw": text}` is sent as it stands. */
export function faultResponse(answer: NonNullable<Fault['answer']>): EmulatorResponse {
  const { status, headers = {}, body } = answer;
  if (body === undefined || body === null) return { status, headers, body: new Uint8Array() };
  if (typeof body === 'object' && '$raw' in body)
    return { status, headers, body: json.encode(String(body.$raw)) };
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const plain = jsonResponse(status, body);
  return named ? { ...plain, headers } : { ...plain, headers: { ...plain.headers, ...headers } };
}
