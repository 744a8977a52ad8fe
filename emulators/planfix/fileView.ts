/** Files as answers name them, and their bytes (section 10). */
import { type Json } from '../common/types.ts';
import { listOf, refId, Refusal, toInteger } from './answers.ts';
import { type State, type StoredFile } from './state.ts';

/** Size as Planfix tells it: kilobytes rounded up. */
export function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

/** `[{id,size,name}]`, or nothing for a file that is gone. */
export function fileRef(state: State, id: number): Json[] {
  const file = state.files.get(id);
  return file === undefined ? [] : [{ id, size: kilobytes(file.bytes), name: file.name }];
}

// Looked up once: a file has millions of bytes, and a global is dear where a test runner stands between.
const { imul } = Math;

/** The bytes of a file; those of a world that tells only a length are made from its id. */
export function fileBytes(file: StoredFile): Uint8Array {
  if (file.content !== undefined) return file.content;
  const bytes = new Uint8Array(file.bytes);
  let value = (file.id * 2654435761) >>> 0;
  for (let at = 0; at < bytes.length; at += 1) {
    value = (imul(value, 1664525) + 1013904223) >>> 0;
    bytes[at] = value >>> 24;
  }
  return bytes;
}

export function fileDenied(id: number): Refusal {
  return new Refusal(400, 6, `Access denied for file by id - ${id}`, { result: 'file' });
}

/** A file by its number. @throws Refusal 7000, or 6 for one that no token may touch. */
export function fileById(state: State, id: number): StoredFile {
  const file = state.files.get(id);
  if (file === undefined) throw new Refusal(400, 7000, `File not found by id ${id}`);
  if (file.denied) throw fileDenied(id);
  return file;
}

/** Reads `[{id}]` of a write. @throws Refusal 7000 or 6. */
export function readFileIds(state: State, value: Json | undefined): number[] {
  const ids = listOf(value).map((item) => fileById(state, toInteger(refId(item)) ?? -1).id);
  return [...new Set(ids)];
}

/** Takes a detached file away when nothing else holds it (section 6.4: detaching deletes files not used elsewhere). */
export function dropIfUnused(state: State, id: number): void {
  for (const task of state.tasks.values()) if (task.files.includes(id)) return;
  for (const comment of state.comments.values()) if (comment.files.includes(id)) return;
  for (const { comment } of state.contactComments.values()) if (comment.files.includes(id)) return;
  for (const task of state.tasks.values()) {
    for (const [field, value] of task.custom) {
      if (state.customFields.get(field)?.type === 21 && listOf(value).includes(id)) return;
    }
  }
  for (const { more } of [...state.contacts.values(), ...state.projects.values()]) {
    if (listOf(more['files']).some((file) => toInteger(refId(file)) === id)) return;
  }
  state.files.delete(id);
}
