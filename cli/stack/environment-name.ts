/** The stack of a pull request. It has the number: branches are renamed, and their names hold slashes. */
export const environmentName = (pullRequest: number): string => `pr-${pullRequest}`;
