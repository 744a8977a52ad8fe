-- What all migrations together make, for reading: written and compared by schema.test.ts.

create table account_tokens (
  account text not null,
  version bigint not null,
  sealed text not null,
  leased_until bigint not null default 0,
  constraint account_tokens_pkey PRIMARY KEY (account)
);

create table accounts (
  account text not null,
  kind text not null,
  sealed text not null,
  created_at bigint not null,
  constraint accounts_pkey PRIMARY KEY (account)
);

create table change_logs (
  reader text not null,
  cursor text,
  leased_until bigint not null default 0,
  constraint change_logs_pkey PRIMARY KEY (reader)
);

create table cursors (
  account text not null,
  name text not null,
  value text not null,
  constraint cursors_pkey PRIMARY KEY (account, name)
);

create table due (
  account text not null,
  task text not null,
  aspects smallint not null,
  claimed_aspects smallint not null default 0,
  lane smallint not null,
  due_at bigint not null,
  busy_until bigint not null default 0,
  generation bigint not null,
  epoch bigint not null default 0,
  claimed_until bigint,
  attempts integer not null default 0,
  trouble json,
  correlation text not null,
  constraint due_pkey PRIMARY KEY (account, task)
) with (fillfactor=70);

create table guarded (
  space text not null,
  item text not null,
  state text not null,
  at bigint not null,
  constraint guarded_pkey PRIMARY KEY (space, item)
);

create table items (
  id text not null,
  space text not null,
  version bigint not null,
  doc json not null,
  state text,
  status text,
  constraint items_pkey PRIMARY KEY (id)
) with (fillfactor=70);

create table journal (
  space text not null,
  seq bigint not null,
  at bigint not null,
  kind text not null,
  item text not null,
  account text not null,
  actor text not null,
  operation text,
  content text not null,
  prev text not null,
  hash text not null,
  constraint journal_pkey PRIMARY KEY (space, seq)
);

create table journal_bodies (
  content text not null,
  salt text not null,
  body text not null,
  constraint journal_bodies_pkey PRIMARY KEY (content)
);

create table journal_heads (
  space text not null,
  seq bigint not null,
  hash text not null,
  constraint journal_heads_pkey PRIMARY KEY (space)
);

create table mappings (
  space text not null,
  version integer not null,
  source text not null,
  applied_at bigint not null,
  constraint mappings_pkey PRIMARY KEY (space, version)
);

create table operations (
  seq bigint not null generated always as identity,
  id text not null,
  item text not null,
  account text not null,
  task text not null,
  mark text,
  planned json not null,
  state text not null,
  attempts integer not null,
  not_before bigint,
  outcome json,
  mapping_version integer not null,
  correlation text not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint operations_pkey PRIMARY KEY (id)
) with (fillfactor=70);

create table rejected_hints (
  seq bigint not null generated always as identity,
  account text not null,
  at bigint not null,
  why text not null,
  excerpt text not null,
  constraint rejected_hints_pkey PRIMARY KEY (seq)
);

create table replicas (
  item text not null,
  account text not null,
  task text not null,
  state text not null,
  read_at bigint,
  thread_read_at bigint,
  doc json not null,
  constraint replicas_item_fkey FOREIGN KEY (item) REFERENCES items(id),
  constraint replicas_pkey PRIMARY KEY (item, account)
) with (fillfactor=70);

create table svyazka_migrations (
  number integer not null,
  name text not null,
  breaking boolean not null,
  applied_at timestamp with time zone not null default now(),
  constraint svyazka_migrations_pkey PRIMARY KEY (number)
);

CREATE INDEX due_waiting ON public.due USING btree (account, due_at) WHERE ((aspects <> 0) OR (claimed_aspects <> 0));

CREATE INDEX items_space ON public.items USING btree (space);

CREATE INDEX operations_item ON public.operations USING btree (item, seq);

CREATE INDEX operations_mark ON public.operations USING btree (mark) WHERE (mark IS NOT NULL);

CREATE INDEX operations_open ON public.operations USING btree (item) WHERE (state = ANY (ARRAY['intended'::text, 'sent'::text, 'queued'::text, 'unknown'::text]));

CREATE INDEX replicas_task ON public.replicas USING btree (account, task);

CREATE INDEX replicas_thread ON public.replicas USING btree (account, thread_read_at NULLS FIRST) WHERE (state = 'live'::text);
