// @ts-check
/**
 * The recipe of a reduced plugin: a hash of its files, which tells whether an installed one is outdated.
 * `node recipe.js NAME` prints it for install-engine.sh.
 */
const { createHash } = require("node:crypto");
const { readdirSync, readFileSync } = require("node:fs");
const { join, relative, sep } = require("node:path");

/** Name of the file that holds the recipe of an installed plugin. */
const RECIPE_FILE = "recipe";

/** @param {string} directory @returns {string[]} paths of the files that the plugin consists of */
function filesOf(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      return entry.name === "node_modules" ? [] : filesOf(path);
    }
    return entry.name.endsWith(".md") ? [] : [path];
  });
}

/**
 * @param {string} name of the plugin's folder beside this file
 * @param {string} [root] the folder that holds the plugins' folders
 * @returns {string} a hash over names and contents of its files, 16 hexadecimal digits
 */
function recipeOf(name, root = __dirname) {
  const shared = readdirSync(root).filter((file) => /^provider-.*\.js$/.test(file));
  const files = [...filesOf(join(root, name)), ...shared.map((file) => join(root, file))];
  const hash = createHash("sha256");
  for (const file of files.sort()) {
    hash.update(`${relative(root, file).split(sep).join("/")}\0`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

module.exports = { RECIPE_FILE, recipeOf };

if (require.main === module) {
  process.stdout.write(`${recipeOf(process.argv[2])}\n`);
}
