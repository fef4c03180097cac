/** Labels of everything that a stack makes in Docker, by which people and the cli find it. */
export const LABELS = {
  project: "learning-platform.project",
  stack: "learning-platform.stack",
  /** When the object was made, ISO-8601. */
  created: "learning-platform.created",
  /** When the stack's time to live ends, ISO-8601. Stacks without such a time have no such label. */
  expires: "learning-platform.expires",
  /** First port of the stack's block of ports. */
  firstPort: "learning-platform.first-port",
  /** Where the stack's state is, `<host name>:<folder>`, where it is in a folder. */
  state: "learning-platform.state",
  /** Set by people: `true` on any object of a stack keeps `npm run sweep` from it. */
  keep: "learning-platform.keep",
} as const;

/** Folder of the state in a checkout, unless the environment names another backend. */
export const STATE_FOLDER = ".platform/state";
