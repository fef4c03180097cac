const words = (name: string) => name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");

const capitalised = (word: string) => word[0].toUpperCase() + word.slice(1);

/** `payment_methods` is `PaymentMethods`. */
export const pascalCase = (name: string) => words(name).map(capitalised).join("");

/** `last_four` is `lastFour`. */
export const camelCase = (name: string) => {
  const [first, ...rest] = words(name);
  return [first, ...rest.map(capitalised)].join("");
};

/** `user-events` and `userEvents` are `USER_EVENTS`. */
export const constantCase = (name: string) =>
  words(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2"))
    .join("_")
    .toUpperCase();

/** One of the things that a table is named after: `billing_addresses` is `billing_address`, `user_roles` `user_role`. */
export const singular = (table: string) =>
  table.endsWith("analytics")
    ? table
    : table.replace(/ies$/, "y").replace(/(?<=ss|x|sh|[nt]ch)es$|(?<!s)s$/, "");
