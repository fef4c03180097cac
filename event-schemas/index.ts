export { EventSchemasError } from "./errors";
export { breaks } from "./evolution";
export { type EventSchema, type EventSchemas, readEventSchemas, schemaHash } from "./files";
export type { Schema } from "./shape";
