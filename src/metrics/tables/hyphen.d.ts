declare module "hyphen/patterns/en-us.js" {
  const patterns: unknown;
  export default patterns;
}
