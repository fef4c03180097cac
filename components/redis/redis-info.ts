/** The fields of an answer to INFO or CLUSTER INFO: lines of `name:value`. */
export const infoFields = (text: string): Map<string, string> =>
  new Map(
    text.split(/\r?\n/).map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
