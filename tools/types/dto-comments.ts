import type { RelatedRows } from "./dtos";

/** Said of each DTO, as the comments of its columns speak of null. */
export const ABSENT = "What is null in the table is absent here.";

/** The words for related rows in the comment of a mapper. */
export const otherRows = ({ table }: RelatedRows) => `, with its rows of ${table}`;
