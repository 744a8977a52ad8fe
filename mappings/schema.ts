/**
 * The YAML that people write, as one schema. grammar.md says the same in words; compile.ts turns it into the Mapping
 * that the engine uses. Only shapes are judged here; what the names mean to each other is judged by check.ts.
 */
import { z } from 'zod';
import { fieldNames } from './types.ts';

const pattern = (form: RegExp, what: string, fix: string): z.ZodString =>
  z.string().superRefine((value, context) => {
    if (!form.test(value) || value in {}) {
      context.addIssue({ code: 'custom', message: `"${value}" is not ${what}`, params: { fix } });
    }
  });

/** Names of the space, accounts, roles and lifecycle statuses. */
const Name = pattern(
  /^\p{L}[\p{L}\p{N}_-]{0,63}$/u,
  'a name',
  'begin with a letter; use letters, digits, "-" and "_", at most 64',
);

/** A number or code that a CRM gave: a text, so that nothing rewrites it on the way. */
const Id = pattern(/^[\p{L}\p{N}][\p{L}\p{N}:_.-]*$/u, 'an id of a CRM', 'copy the id as the CRM shows it');

const Names = z.array(Name).min(1);

const Lens = z.strictObject({ in: z.record(Id, Name), out: z.record(Name, Id) });

const Statuses = z.strictObject({
  in: Lens.shape.in.optional(),
  out: Lens.shape.out.optional(),
  stages: Lens.optional(),
  objects: z.record(Id, Lens).optional(),
});

const MemberDocument = z.strictObject({
  account: Name,
  role: Name,
  scope: z.strictObject({ project: Id.optional(), group: Id.optional() }).optional(),
  object: Id.optional(),
  stand_ins: z.record(Name, Id).optional(),
  acceptor: Id.optional(),
  default_assignee: Id.optional(),
});

const TransitionDocument = z.strictObject({
  from: Name,
  to: Name,
  by: Names.optional(),
  requires: Names.optional(),
});

const conflict = pattern(
  /^(latest|hub|manual|role:\p{L}[\p{L}\p{N}_-]*)$/u,
  'a way to settle conflicts',
  'write latest, hub, manual or "role:<name of a role>"',
);

const FieldDocument = z.strictObject({
  name: z.enum(fieldNames),
  conflict: conflict.optional(),
  hide: Names.optional(),
});

const CommentsDocument = z.strictObject({
  share: z.record(Name, z.enum(['addressed', 'all', 'none'])).optional(),
  notify: z.enum(['addressed', 'none']).optional(),
  mirror_edits: z.enum(['restore', 'keep', 'add']).optional(),
  pass_on: z.array(z.strictObject({ of: Name, to: Name })).optional(),
});

const GuardDocument = z.strictObject({
  share: pattern(/^(100|\d{1,2})%$/u, 'a part of the tasks', 'write "0%" to "100%"').optional(),
  at_least: z
    .number()
    .superRefine((value, context) => {
      if (!Number.isInteger(value) || value < 0)
        context.addIssue({
          code: 'custom',
          message: `${String(value)} is not a number of tasks`,
          params: { fix: 'write a whole number' },
        });
    })
    .optional(),
  within: pattern(/^[1-9]\d{0,3}[mhd]$/u, 'a time', 'write a number and m, h or d: 30m, 1h, 2d').optional(),
});

export const MappingDocument = z.strictObject({
  space: Name,
  hub: Name,
  members: z.array(MemberDocument).min(1),
  lifecycle: z.array(Name).optional(),
  final: z.array(Name).optional(),
  acceptance: z.record(Name, Name).optional(),
  transitions: z.array(TransitionDocument).optional(),
  statuses: z.record(Name, Statuses).optional(),
  people: z.array(z.record(Name, Id)).optional(),
  facades: z.array(z.strictObject({ of: Name, to: Name, as: Name })).optional(),
  fields: z.array(FieldDocument).min(1).optional(),
  comments: CommentsDocument.optional(),
  files: z.strictObject({ share: z.boolean() }).optional(),
  privacy: z.record(Name, z.strictObject({ sees: z.array(Name) })).optional(),
  unknown_person: z.enum(['stand-in', 'leave-out']).optional(),
  guard: GuardDocument.optional(),
});
export type MappingDocument = z.infer<typeof MappingDocument>;

/** The keys that the grammar knows at a place of the document; empty where keys are free names. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = MappingDocument;
  for (const step of [...path, null]) {
    while (schema instanceof z.ZodOptional) schema = schema.unwrap();
    if (step === null) break;
    if (schema instanceof z.ZodObject) schema = (schema.shape as Record<PropertyKey, unknown>)[step];
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else return [];
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
