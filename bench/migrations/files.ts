/** Small migrations such as a team writes, in any number. */

export interface GeneratedFile {
  /** verb_object, without a number. */
  name: string;
  sql: string;
}

/** What happens to one table: it is created, changed, described and referenced, one file each. */
const STEPS: ((n: number) => GeneratedFile)[] = [
  (n) => ({
    name: `create_orders_${n}`,
    sql: `create table orders_${n} (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  status text not null default 'OPEN',
  amount_usd numeric(12, 2) not null,
  created_at timestamptz not null default now(),
  constraint orders_${n}_pkey primary key (id),
  constraint orders_${n}_status_check check (status in ('OPEN', 'PAID', 'VOID')),
  constraint orders_${n}_amount_usd_check check (amount_usd >= 0)
);

create index orders_${n}_user_id_created_at_idx on orders_${n} (user_id, created_at);
`,
  }),
  (n) => ({
    name: `add_note_to_orders_${n}`,
    sql: `alter table orders_${n} add column note text;\n`,
  }),
  (n) => ({
    name: `describe_orders_${n}`,
    sql: `comment on table orders_${n} is 'One row holds one order of one user.';
comment on column orders_${n}.note is 'What the user wrote when the order was placed.';
`,
  }),
  (n) => ({
    name: `create_order_lines_${n}`,
    sql: `create table order_lines_${n} (
  id uuid not null default gen_random_uuid(),
  order_id uuid not null,
  quantity integer not null,
  constraint order_lines_${n}_pkey primary key (id),
  constraint order_lines_${n}_order_id_fkey
    foreign key (order_id) references orders_${n} (id) on delete cascade,
  constraint order_lines_${n}_quantity_check check (quantity > 0)
);

create index order_lines_${n}_order_id_idx on order_lines_${n} (order_id);
`,
  }),
];

export const generateFiles = (count: number): GeneratedFile[] =>
  Array.from({ length: count }, (_, index) =>
    STEPS[index % STEPS.length](Math.floor(index / STEPS.length) + 1),
  );

/** Number of tables that the files create. */
export const tablesOf = (files: readonly GeneratedFile[]): number =>
  files.filter(({ sql }) => sql.startsWith("create table")).length;

/** Adds the number and the markers that a tool wants; `number` counts from 1. */
export type Layout = (file: GeneratedFile, number: number) => { name: string; text: string };

/** A number with leading zeros. */
const padded = (number: number, digits: number) => String(number).padStart(digits, "0");

export const LAYOUTS = {
  migrator: ({ name, sql }, number) => ({ name: `${padded(number, 4)}_${name}.sql`, text: sql }),
  // The prefix is a time in milliseconds, of 13 digits (node-pg-migrate 9, src/migration.ts).
  nodePgMigrate: ({ name, sql }, number) => ({
    name: `17${padded(number, 11)}_${name}.sql`,
    text: `-- Up Migration\n${sql}`,
  }),
  flyway: ({ name, sql }, number) => ({ name: `V${number}__${name}.sql`, text: sql }),
  dbmate: ({ name, sql }, number) => ({
    name: `${padded(20_240_101_000_000 + number, 14)}_${name}.sql`,
    text: `-- migrate:up\n${sql}\n-- migrate:down\n`,
  }),
} as const satisfies Record<string, Layout>;
