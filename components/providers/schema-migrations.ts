export * from "../postgres/schema-migrations.provider";
