/** One of opencc-js's dictionaries: `traditional simplified|…`, single characters. */
declare module 'opencc-js/dict/TSCharacters' {
  const pairs: string;
  export default pairs;
}
