/** Whether a file is part of what runs or is deployed; documents and tests only follow it. */
export const isProduct = (file: string): boolean =>
  /^(bin|cli|compile|lambdas|lib|local)\//.test(file) || file === 'cdk.json';
