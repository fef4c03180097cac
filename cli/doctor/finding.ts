/** What the doctor says of one thing. */
export interface Finding {
  /** What was looked at. */
  check: string;
  /** A warning works, or up takes care of it; a fault keeps something from working. */
  level: "ok" | "warning" | "fault";
  text: string;
  /** What to do; a fault always has one. */
  remedy?: string;
  /** What `--fix` does. Only what loses nothing that somebody may need is fixed. */
  fix?: Fix;
}

export interface Fix {
  /** What it did, once it is done. */
  done: string;
  run: () => Promise<void> | void;
}

export const ok = (check: string, text: string): Finding => ({ check, level: "ok", text });

export const warning = (check: string, text: string, remedy?: string, fix?: Fix): Finding => ({
  ...{ check, level: "warning", text },
  ...(remedy === undefined ? {} : { remedy }),
  ...(fix && { fix }),
});

export const fault = (check: string, text: string, remedy: string, fix?: Fix): Finding => ({
  ...{ check, level: "fault", text, remedy },
  ...(fix && { fix }),
});
