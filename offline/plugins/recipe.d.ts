export const RECIPE_FILE: string;
export function recipeOf(name: string, root?: string): string;
